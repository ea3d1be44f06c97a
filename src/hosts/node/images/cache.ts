// Where images live: $XDG_CACHE_HOME or ~/.cache, then airside/. Contents are named by what they are, people's names
// point to them, and each thing appears under its final name whole or not at all.
//   images/NAME.json        { id }: what a person calls it
//   store/ID/{index,data}   an image; ID is the SHA-256 of its index, which holds the hashes of its data
//   apt/                    packages and lists, kept between builds
//   tmp/                    what is being made; swept when its maker is gone
import { createHash, randomBytes } from "node:crypto";
import * as fs from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { ImageError } from "../../../images/error.ts";

export interface ImageReference {
  readonly name: string;
  readonly id: string;
}

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** Image names are file names: docker's rule for a repository's last part. */
export const checkName = (name: string): void => {
  if (!NAME.test(name))
    throw new ImageError("usage", `an image's name is lower-case letters, digits, ".", "_" and "-": not "${name}"`);
};

/** Where everything is kept that can be made again. */
export const cacheFolder = (): string =>
  join(process.env.XDG_CACHE_HOME || join(process.env.HOME || homedir(), ".cache"), "airside");

export class ImageCache {
  readonly root: string;

  constructor(root: string = cacheFolder()) {
    this.root = root;
  }

  path(...names: string[]): string {
    return join(this.root, ...names);
  }

  directory(...names: string[]): string {
    const path = this.path(...names);
    try {
      fs.mkdirSync(path, { recursive: true });
    } catch (cause) {
      throw new ImageError("no-space", `the cache folder ${path} can't be made: ${(cause as Error).message}`, {
        cause,
      });
    }
    return path;
  }

  /**
   * A fresh folder under tmp/, its name led by this process's id so that a later one can sweep it. It goes when it is
   * disposed of, and when the process exits before that.
   */
  temporary(): { readonly path: string } & Disposable {
    const tmp = this.directory("tmp");
    this.sweep(tmp);
    const path = join(tmp, `${process.pid}-${randomBytes(6).toString("hex")}`);
    fs.mkdirSync(path);
    const remove = () => fs.rmSync(path, { recursive: true, force: true });
    process.on("exit", remove);
    return {
      path,
      [Symbol.dispose]: () => {
        process.off("exit", remove);
        remove();
      },
    };
  }

  /** Removes what processes that are gone left half made. */
  private sweep(tmp: string): void {
    for (const entry of fs.readdirSync(tmp)) {
      const pid = Number.parseInt(entry, 10);
      if (pid === process.pid || (Number.isInteger(pid) && isAlive(pid))) continue;
      fs.rmSync(join(tmp, entry), { recursive: true, force: true });
    }
  }

  /** Moves a finished folder with `index` and `data` into the store and gives it a name. Returns its id. */
  adopt(folder: string, name: string): string {
    checkName(name);
    const id = createHash("sha256")
      .update(fs.readFileSync(join(folder, "index")))
      .digest("hex");
    const store = this.directory("store");
    const home = join(store, id);
    if (fs.existsSync(home)) fs.rmSync(folder, { recursive: true, force: true });
    else fs.renameSync(folder, home);
    this.point(name, id);
    return id;
  }

  private point(name: string, id: string): void {
    const images = this.directory("images");
    const old = this.reference(name);
    const temporary = join(images, `.${name}.${process.pid}`);
    fs.writeFileSync(temporary, `${JSON.stringify({ id })}\n`);
    fs.renameSync(temporary, join(images, `${name}.json`));
    if (old && old.id !== id) this.collect(old.id);
  }

  reference(name: string): ImageReference | undefined {
    if (!NAME.test(name)) return undefined;
    const path = this.path("images", `${name}.json`);
    if (!fs.existsSync(path)) return undefined;
    const id = readId(fs.readFileSync(path, "utf8"));
    if (id === undefined) throw new ImageError("damaged", `the image ${name} is damaged: build it again (${path})`);
    return { name, id };
  }

  list(): ImageReference[] {
    const images = this.path("images");
    if (!fs.existsSync(images)) return [];
    const names = fs.readdirSync(images).filter((file) => file.endsWith(".json") && !file.startsWith("."));
    return names.sort().flatMap((file) => {
      const found = this.reference(file.slice(0, -".json".length));
      return found ? [found] : [];
    });
  }

  remove(name: string): void {
    const reference = this.reference(name);
    if (!reference) throw new ImageError("not-found", `no such image: ${name}`);
    fs.rmSync(this.path("images", `${name}.json`));
    this.collect(reference.id);
  }

  /** Removes a stored image that no name points to any longer. A machine that has it open keeps its open files. */
  private collect(id: string): void {
    if (this.list().some((other) => other.id === id)) return;
    fs.rmSync(this.path("store", id), { recursive: true, force: true });
  }
}

const readId = (text: string): string | undefined => {
  try {
    const { id } = JSON.parse(text) as { id?: unknown };
    return typeof id === "string" && /^[0-9a-f]{64}$/.test(id) ? id : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};
