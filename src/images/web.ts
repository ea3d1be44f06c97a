// An image as files on a static web server; `airside web build` writes them, hosts/browser reads them.
//   images/NAME.json    what this file describes
//   images/ID.index     the index, whose SHA-256 is ID
//   chunks/AB/ABCD…     data, CHUNK_SIZE bytes each (the last one less), named by their SHA-256; equal ones are one file

export interface ImageDescription {
  /** The SHA-256 of the index, by which all of the image is known. */
  id: string;
  /** Chunks that a start reads, in that order: fetched before it. */
  first: readonly number[];
}
