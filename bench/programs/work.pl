# Counts words of text.txt in a hash, sorts them, and rewrites lines. Argument: lines.
use strict;
use warnings;
my $most = shift;
my (%count, $changed);
open my $in, '<', 'text.txt' or die;
while (<$in>) {
  last if $. > $most;
  $count{lc $_}++ for /\w+/g;
  $changed += s/(\w+) (\w+)/$2 $1/g;
  $changed += length join '-', reverse split //;
}
my @top = sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count;
print "$changed ", scalar(@top), " @top[0..9]\n";
