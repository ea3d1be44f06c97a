// Debian's "Field: value" stanzas: control files, dpkg's status, apt's deb822 sources. deb822(5)

/** A stanza's fields in order; names as written, continuation lines joined with "\n" and kept as they stand. */
export type Stanza = Map<string, string>;

export const parseStanzas = (text: string): Stanza[] => {
  const stanzas: Stanza[] = [];
  let stanza: Stanza = new Map();
  let field = "";
  for (const line of [...text.split("\n"), ""]) {
    if (line.startsWith("#")) continue;
    if (line.trim() === "") {
      if (stanza.size > 0) stanzas.push(stanza);
      stanza = new Map();
    } else if (line.startsWith(" ") || line.startsWith("\t")) {
      stanza.set(field, `${stanza.get(field) ?? ""}\n${line}`);
    } else {
      const colon = line.indexOf(":");
      field = line.slice(0, colon).trim();
      if (colon > 0) stanza.set(field, line.slice(colon + 1).trim());
    }
  }
  return stanzas;
};

/** Field names compare without case. */
export const fieldOf = (stanza: Stanza, name: string): string | undefined => {
  for (const [key, value] of stanza) if (key.toLowerCase() === name.toLowerCase()) return value;
  return undefined;
};

export const formatStanza = (stanza: Stanza): string =>
  [...stanza].map(([name, value]) => (value.startsWith("\n") ? `${name}:${value}\n` : `${name}: ${value}\n`)).join("");
