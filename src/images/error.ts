// What can go wrong with an image on its way in or out: one plain line for the person, one exit code for scripts.

/** Why, and the process's exit code for each; 1 and 2 are left to crashes and the command line's own errors. */
export const IMAGE_EXIT_CODES = {
  "not-found": 3,
  exists: 4,
  damaged: 5,
  hostile: 6,
  network: 7,
  "no-apt": 8,
  "no-space": 9,
  "configure-failed": 10,
  usage: 2,
} as const;

export type ImageFault = keyof typeof IMAGE_EXIT_CODES;

/** Thrown while an image is made or opened (never in kernel space, where errors are returned). */
export class ImageError extends Error {
  readonly fault: ImageFault;
  constructor(fault: ImageFault, message: string, options?: { cause?: unknown }) {
    super(message, options as ErrorOptions);
    this.name = "ImageError";
    this.fault = fault;
  }
  get exitCode(): number {
    return IMAGE_EXIT_CODES[this.fault];
  }
}
