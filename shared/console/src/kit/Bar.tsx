import type { ReactNode } from "react";
import { Meter } from "react-aria-components/Meter";
import { classes } from "../lib/classes.ts";
import { useFormat } from "../lib/format.ts";
import { common } from "../messages/en/common.ts";
import styles from "./Badge.module.css";

type Props = {
  label: string;
  used: number;
  limit: number;
  /** Words in place of "60 of 100", such as until when a service is blocked. */
  words?: string;
  blocked?: boolean;
  /**
   * The content in place of the visible label. The label stays the name of the
   * bar.
   */
  children?: ReactNode;
};

/**
 * How much of a limit is used, in words and as a bar. From 80 % on it warns.
 */
export function Bar({ label, used, limit, words, blocked, children }: Props) {
  const { number } = useFormat();
  const share = limit > 0 ? used / limit : used > 0 ? 1 : 0;
  const text = words ?? (limit === 0 && used === 0 ? common.noShare : common.usedOf(number(used), number(limit)));
  const over = blocked || share >= 1;
  return (
    <Meter
      aria-label={label}
      value={Math.min(used, limit)}
      maxValue={Math.max(limit, 1)}
      valueLabel={text}
      className={classes(styles.bar, over ? styles.over : share >= 0.8 && styles.near)}
    >
      <span className={styles.words} aria-hidden>
        <span>{children ?? label}</span>
        <span>{text}</span>
      </span>
      <span className={styles.track}>
        <span className={styles.fill} style={{ width: `${Math.min(share, 1) * 100}%` }} />
      </span>
    </Meter>
  );
}
