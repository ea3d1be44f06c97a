# Columns summed and grouped from lines.txt.
{ sum[$2 % 100] += $3; for (i = 1; i <= NF; i++) letters += length($i); if ($1 ~ /^[a-f]/) found++ }
END { for (i = 0; i < 100; i++) printf "%d ", sum[i]; print letters, found, NR }
