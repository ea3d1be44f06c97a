// Finds the Debian mirror that this machine is set up to use, from its apt sources: one-line (.list) and deb822
// (.sources) format. sources.list(5)
import { fieldOf, parseStanzas } from "./deb822.ts";

export interface AptSource {
  readonly uri: string;
  readonly suites: readonly string[];
  readonly components: readonly string[];
}

/** The binary sources of one file; `name` tells its format by its ending, as apt does. */
export const parseAptSources = (name: string, text: string): AptSource[] =>
  name.endsWith(".sources") ? parseDeb822(text) : parseOneLine(text);

const parseDeb822 = (text: string): AptSource[] => {
  const words = (value: string | undefined) => (value ?? "").split(/\s+/).filter((word) => word !== "");
  return parseStanzas(text)
    .filter((stanza) => words(fieldOf(stanza, "Types")).includes("deb"))
    .filter((stanza) => !/^(no|false|without|off|disable|0)$/i.test(fieldOf(stanza, "Enabled") ?? ""))
    .flatMap((stanza) =>
      words(fieldOf(stanza, "URIs")).map((uri) => ({
        uri,
        suites: words(fieldOf(stanza, "Suites")),
        components: words(fieldOf(stanza, "Components")),
      })),
    );
};

const parseOneLine = (text: string): AptSource[] =>
  text.split("\n").flatMap((line) => {
    // deb [ option=value … ] uri suite component …
    const match = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line);
    if (!match) return [];
    return [{ uri: match[1]!, suites: [match[2]!], components: match[3]!.split(/\s+/).filter((word) => word !== "") }];
  });

const RELEASES = /^(trixie|bookworm|bullseye|buster|forky|duke|sid|stable|oldstable|testing|unstable)(-updates)?$/;

/**
 * The archive that the machine takes Debian itself from: a source with a `main` component, one of Debian's suites and a
 * path that ends in /debian; not the security archive, not a third party's, and not Ubuntu's. undefined if there is none.
 */
export const debianMirror = (sources: readonly AptSource[]): string | undefined => {
  const found = sources.find(
    ({ uri, suites, components }) =>
      components.includes("main") && suites.some((suite) => RELEASES.test(suite)) && /\/debian\/?$/.test(uri),
  );
  return found?.uri.replace(/\/$/, "");
};
