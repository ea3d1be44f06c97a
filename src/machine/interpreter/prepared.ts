// The interpreter's modules made beforehand, for the first hart of a RAM: scripts/build.ts puts them in this file's
// place, and what would be generated at every start is read instead. From source there are none.

export interface Prepared {
  /** What they were generated for. */
  readonly file: number;
  readonly codeTable: number;
  interpreter(): Uint8Array<ArrayBuffer>;
  float(fusedMadd: boolean): Uint8Array<ArrayBuffer>;
  /** The translator's (translator/fingerprint.ts). */
  fingerprint(fusedMadd: boolean): number;
}

export const prepared: Prepared | undefined = undefined;
