import { type CSSProperties, useState } from "react";
import styles from "./Badge.module.css";

// Their contrast with white is at least 4.5:1.
const grounds = [
  "#3b55d9",
  "#7a3fc7",
  "#a3348f",
  "#b43a4f",
  "#9a5410",
  "#5d6b12",
  "#1d7443",
  "#0f717c",
  "#2466a8",
  "#596373",
];

/**
 * The picture of a profile: its logo if it is one of this service and can be
 * read, or else its first letter on a colour of its own.
 */
export function Monogram({
  id,
  name,
  logo,
  size = 28,
}: {
  id: string;
  name: string;
  logo?: string | null | undefined;
  /**
   * Its width in sixteenths of a rem, which are pixels where the text has its
   * usual size.
   */
  size?: number;
}) {
  const [unread, setUnread] = useState<string>();
  const square: CSSProperties = { width: `${size / 16}rem`, height: `${size / 16}rem` };
  // A logo on another host would reveal to that host who looks at the page, and
  // when.
  if (logo?.startsWith("/logo/") && logo !== unread) {
    return <img className={styles.monogram} style={square} src={logo} alt="" onError={() => setUnread(logo)} />;
  }
  const seed = [...id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7);
  const letter = [...name.trim()][0]?.toLocaleUpperCase() ?? "?";
  return (
    <span
      aria-hidden
      data-letter={letter}
      className={styles.monogram}
      style={{ ...square, fontSize: `${size * 0.03}rem`, background: grounds[seed % grounds.length] }}
    />
  );
}
