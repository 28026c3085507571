/**
 * A PNG twice as wide as it is high, orange at its left and blue at its right.
 */
export const widePicture = {
  name: "wide.png",
  mimeType: "image/png",
  buffer: Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAABAAAAAICAIAAAB/FOjAAAAAGElEQVR42mP4UKGBFYnYVGBFDKMaaKEBAFFjlgHx3mSCAAAAAElFTkSuQmCC",
    "base64",
  ),
};
