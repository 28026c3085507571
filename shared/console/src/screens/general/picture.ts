/**
 * The files that a person may choose. The browser converts them to a small PNG,
 * which the service accepts.
 */
export const kinds = ["image/png", "image/jpeg", "image/webp"] as const;

/** The largest size of a file, in bytes. */
export const largest = 5_000_000;

// The sides of the picture that is sent, in pixels, the largest first. A logo
// is shown at 72 pixels at most, on screens with two pixels for one.
const sides = [144, 128, 112, 96, 80, 64];

// The service accepts 32 KB, and its own encoder may need a little more than
// that of the browser.
const most = 30_000;

/**
 * The way in which a picture becomes a square: its sides are cut off, or it
 * gets empty edges.
 */
export type Fit = "cut" | "whole";

/** A picture in the form that is sent, and the address of its preview. */
export type Made = { image: string; preview: string };

/** The reason why a file was refused. */
export type Fault = "large" | "kind" | "broken";

export class PictureError extends Error {
  override readonly name = "PictureError";
  readonly fault: Fault;

  constructor(fault: Fault, cause?: unknown) {
    super(fault, { cause });
    this.fault = fault;
  }
}

/**
 * kindOf finds the kind of a file by its first bytes, as its name may be wrong.
 * It returns undefined for other kinds.
 */
export function kindOf(head: Uint8Array): (typeof kinds)[number] | undefined {
  const text = String.fromCharCode(...head.subarray(0, 12));
  if (text.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (text.startsWith("\xff\xd8\xff")) return "image/jpeg";
  return /^RIFF.{4}WEBP/s.test(text) ? "image/webp" : undefined;
}

/** placed returns the place of a picture on a square. */
export function placed({ width, height }: { width: number; height: number }, side: number, fit: Fit) {
  const scale = side / (fit === "cut" ? Math.min(width, height) : Math.max(width, height));
  return {
    x: (side - width * scale) / 2,
    y: (side - height * scale) / 2,
    width: width * scale,
    height: height * scale,
  };
}

/**
 * sidesFor are the sides to try for a picture. A small one is not made larger.
 */
export function sidesFor({ width, height }: { width: number; height: number }, fit: Fit): number[] {
  const own = fit === "cut" ? Math.min(width, height) : Math.max(width, height);
  const first = Math.max(1, Math.min(own, ...sides.slice(0, 1)));
  return [first, ...sides.filter((side) => side < first)];
}

/** open reads a file as a picture. It throws a PictureError for other files. */
export async function open(file: File): Promise<ImageBitmap> {
  if (!kindOf(new Uint8Array(await file.slice(0, 12).arrayBuffer()))) throw new PictureError("kind");
  if (file.size > largest) throw new PictureError("large");
  try {
    return await createImageBitmap(file);
  } catch (cause) {
    throw new PictureError("broken", cause);
  }
}

/** make draws a picture as the largest square that the service accepts. */
export async function make(picture: ImageBitmap, fit: Fit): Promise<Made> {
  for (const side of sidesFor(picture, fit)) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = side;
    const pen = canvas.getContext("2d");
    if (!pen) break;
    pen.imageSmoothingQuality = "high";
    const { x, y, width, height } = placed(picture, side, fit);
    pen.drawImage(picture, x, y, width, height);
    const png = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
    if (!png) break;
    if (png.size <= most) {
      const preview = await dataUrl(png);
      return { image: base64(preview), preview };
    }
  }
  throw new PictureError("broken");
}

/**
 * fileAt returns a logo of this service in the form that is sent, so that it
 * can be restored after it was removed.
 */
export async function fileAt(address: string): Promise<string> {
  const answer = await fetch(address);
  if (!answer.ok) throw new PictureError("broken");
  return base64(await dataUrl(await answer.blob()));
}

function dataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

const base64 = (url: string) => url.slice(url.indexOf(",") + 1);
