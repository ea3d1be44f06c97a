# A document to JSON text and back. Argument: rounds.
import hashlib
import json
import sys

document = [
    {"id": i, "name": f"item {i} \u00e9", "tags": ["a", "b", str(i % 7)], "score": i / 7, "nested": {"deep": [None, True, i]}}
    for i in range(2000)
]
for _ in range(int(sys.argv[1])):
    text = json.dumps(document, sort_keys=True)
    document = json.loads(text)
print(len(text), hashlib.sha256(text.encode()).hexdigest())
