import assert from "node:assert/strict";
import { test } from "node:test";
import { debianMirror, parseAptSources } from "./apt-sources.ts";

test("deb822 sources: several stanzas, comments, disabled ones and folded fields", () => {
  const text = `Types: deb deb-src
# a comment
URIs: http://mirror.example/debian https://other.example/debian
Suites: bookworm
 bookworm-updates
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 -----END PGP PUBLIC KEY BLOCK-----

Types: deb
Enabled: no
URIs: http://off.example/debian
Suites: trixie
Components: main

types: deb
uris: http://security.example/debian-security
suites: bookworm-security
components: main
`;
  const sources = parseAptSources("debian.sources", text);
  assert.deepEqual(
    sources.map(({ uri }) => uri),
    ["http://mirror.example/debian", "https://other.example/debian", "http://security.example/debian-security"],
  );
  assert.deepEqual(sources[0]?.suites, ["bookworm", "bookworm-updates"]);
  assert.equal(debianMirror(sources), "http://mirror.example/debian");
});

test("one-line sources: options, comments and other types", () => {
  const text = `# deb http://commented.example/debian trixie main
deb-src http://source.example/debian trixie main
deb [arch=amd64 signed-by=/usr/share/keyrings/x.gpg] https://apt.example/tools stable main # theirs
deb [ trusted=no ] http://mirror.example/debian/ trixie main contrib
`;
  const sources = parseAptSources("sources.list", text);
  assert.equal(sources.length, 2);
  assert.deepEqual(sources[1]?.components, ["main", "contrib"]);
  assert.equal(debianMirror(sources), "http://mirror.example/debian");
});

test("a machine with no Debian sources of its own uses Debian's address", () => {
  const ubuntu = parseAptSources(
    "ubuntu.sources",
    "Types: deb\nURIs: http://archive.example/ubuntu\nSuites: noble\nComponents: main\n",
  );
  assert.equal(debianMirror(ubuntu), undefined);
  assert.equal(debianMirror([]), undefined);
});
