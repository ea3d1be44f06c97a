// Serves a folder of static files to this machine's browser, and the cache's images as if they had been exported to it.
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import { extname, join, normalize } from "node:path";
import { ImageCache } from "../../src/hosts/node/images/cache.ts";
import { ImageError } from "../../src/images/error.ts";
import { ImageFiles } from "./export.ts";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".svg": "image/svg+xml",
};

export interface ServeOptions {
  folder: string;
  /** 0 for any that is free. */
  port: number;
  host: string;
  /** Sends the headers of cross-origin isolation: a finer clock. Everything works without. */
  isolated: boolean;
  /** Called before a page is served: `npm run dev` builds. */
  beforePage?: () => Promise<void>;
}

/** Serves until the server is closed. */
export function serveWeb(options: ServeOptions): Promise<Server> {
  const cache = new ImageCache();
  const images = new Map<string, ImageFiles>();
  const image = (name: string): ImageFiles => {
    const reference = cache.reference(name);
    const known = images.get(name);
    if (known && known.id === reference?.id) return known;
    known?.close();
    const opened = new ImageFiles(cache, name);
    images.set(name, opened);
    return opened;
  };

  const server = createServer((request, response) => {
    respond(request.url ?? "/", response).catch((error: unknown) => {
      const known = error instanceof ImageError;
      if (!known) process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      if (!response.headersSent) response.writeHead(known ? 404 : 500);
      response.end(known ? error.message : "");
    });
  });

  async function respond(url: string, response: ServerResponse): Promise<void> {
    if (options.isolated) {
      response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
      response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    }
    const path = decodeURIComponent(new URL(url, "http://local").pathname);
    const [, kind, name = "", hash = ""] = path.split("/");
    const onDisk = join(options.folder, normalize(path), path.endsWith("/") ? "index.html" : "");
    if (path === "/" || path.endsWith(".html")) await options.beforePage?.();
    if (existsSync(onDisk) && statSync(onDisk).isFile()) {
      response.writeHead(200, {
        "Content-Type": types[extname(onDisk)] ?? "application/octet-stream",
        "Content-Length": statSync(onDisk).size,
        "Cache-Control": "no-cache",
      });
      createReadStream(onDisk).pipe(response);
      return;
    }
    const bytes = kind === "images" ? await imageFile(name) : kind === "chunks" ? chunk(hash) : undefined;
    if (!bytes) {
      response.writeHead(404, { "Content-Type": "text/plain" });
      response.end("not found\n");
      return;
    }
    const forever = !name.endsWith(".json");
    response.writeHead(200, {
      "Content-Type": types[extname(name)] ?? "application/octet-stream",
      "Content-Length": bytes.length,
      "Cache-Control": forever ? "public, max-age=31536000, immutable" : "no-cache",
    });
    response.end(bytes);
  }

  async function imageFile(file: string): Promise<Uint8Array | undefined> {
    const ending = extname(file);
    const name = file.slice(0, -ending.length);
    if (ending === ".json") return Buffer.from(JSON.stringify(await image(name).describe()));
    return ending === ".index" ? [...images.values()].find(({ id }) => id === name)?.index() : undefined;
  }
  function chunk(hash: string): Uint8Array | undefined {
    for (const each of images.values()) {
      const bytes = each.chunk(hash);
      if (bytes) return bytes;
    }
    return undefined;
  }

  server.on("close", () => {
    for (const each of images.values()) each.close();
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, () => resolve(server));
  });
}
