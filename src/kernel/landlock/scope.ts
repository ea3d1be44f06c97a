// What a domain may have to do with processes outside of it: signals and abstract sockets where it is scoped, tracing
// never. Linux's domain_is_scoped and domain_scope_le.
import type { Domain } from "./ruleset.ts";

/** Is `other` in this domain, or in one inside of it? */
export function contains(domain: Domain, other: Domain | undefined): boolean {
  return other?.layers.includes(domain) ?? false;
}

/** Is a client in `client` kept from a server in `server`? `scope`: LANDLOCK_SCOPE_. The first of its layers that is
 *  scoped decides: what is in that one too can be reached. */
export function isScoped(client: Domain | undefined, server: Domain | undefined, scope: number): boolean {
  if (!client || (client.scoped & scope) === 0) return false;
  const scoped = client.layers.find(({ rules }) => (rules.scoped & scope) !== 0)!;
  return !contains(scoped, server);
}

/** May a task in `tracer` look into one in `traced`? */
export function mayTrace(tracer: Domain | undefined, traced: Domain | undefined): boolean {
  return tracer === undefined || contains(tracer, traced);
}
