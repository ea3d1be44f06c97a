# Regular expressions over text.txt. Argument: bytes of it.
import re
import sys

text = open("text.txt").read(int(sys.argv[1]))
for pattern in (r"\b(\w+)\s+\1\b", r"[aeiou]{2,}\w*", r"(?i)the|over|dogs?", r"^\w+(?:\s\w+){3}", r"\d+(?:\.\d+)?"):
    print(pattern, len(re.findall(pattern, text, re.M)))
print(len(re.sub(r"(\w)(\w*)", lambda m: m[2] + m[1], text)))
