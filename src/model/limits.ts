const mebibyte = 1024 * 1024

/** How much haal takes from outside. Sizes in bytes. A refusal names the budget and its limit. */
export const limits = {
  /** An archive as it arrives. */
  archive: 64 * mebibyte,
  /** An archive unpacked, and all files of one artifact. */
  expanded: 256 * mebibyte,
  /** Unpacked bytes for each byte of a compressed archive. */
  ratio: 100,
  /** Files, folders and anything else in an archive; files of an artifact. */
  entries: 10_000,
  /** One file. */
  file: 32 * mebibyte,
} as const

/** `32 MiB`, or bytes where it is not a whole number of those. */
export function sizeText(bytes: number): string {
  return bytes >= mebibyte && bytes % mebibyte === 0 ? `${bytes / mebibyte} MiB` : `${bytes} bytes`
}
