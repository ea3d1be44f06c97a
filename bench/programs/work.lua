-- Tables, strings, closures and numbers. Argument: rounds.
local rounds = tonumber(arg[1])
local function sieve(n)
  local composite, count = {}, 0
  for i = 2, n do
    if not composite[i] then
      count = count + 1
      for j = i * i, n, i do composite[j] = true end
    end
  end
  return count
end
local sum = 0
for round = 1, rounds do
  sum = sum + sieve(40000)
  local words = {}
  for i = 1, 5000 do words[#words + 1] = string.format("%05d", i * 7919 % 5000) end
  table.sort(words)
  local text = table.concat(words, " ")
  for word in text:gmatch("%d+") do sum = sum + tonumber(word) % 7 end
  local function fold(f, n) local x = 0 for i = 1, n do x = f(x, i) end return x end
  sum = sum + fold(function(a, b) return (a * 31 + b) % 65521 end, 40000)
end
print(sum)
