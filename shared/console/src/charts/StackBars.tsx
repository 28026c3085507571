import { classes } from "../lib/classes.ts";
import styles from "./charts.module.css";
import { scale } from "./series.ts";

export type Bar = { id: string; name: string; parts: readonly number[]; sum: string };

type Props = {
  label: string;
  bars: readonly Bar[];
  /**
   * The names of the parts, in their order; each has a colour for its place.
   */
  parts: readonly { name: string; colour: number }[];
};

/** The class of a colour. There are twelve, which people can distinguish. */
const colour = (number: number): string | undefined => styles[`c${((number % 12) + 12) % 12}`];

/**
 * Bars of parts, one for each row of a table that has the same numbers; the
 * names and sums are text.
 */
export function StackBars({ label, bars, parts }: Props) {
  const most = Math.max(...bars.map(({ parts }) => sum(parts)), 1);
  const x = scale([0, most], [0, 1000]);
  return (
    <figure aria-label={label}>
      <div className={styles.bars}>
        {bars.map(({ id, name, parts: amounts, sum: words }) => (
          <div key={id} className={styles.bar} style={{ display: "contents" }}>
            <span className={styles.barName} title={name}>
              {name}
            </span>
            <svg viewBox="0 0 1000 20" preserveAspectRatio="none" className={styles.barTrack} aria-hidden="true">
              {amounts.map((amount, number) => {
                const before = sum(amounts.slice(0, number));
                return (
                  amount > 0 && (
                    <rect
                      key={parts[number]?.name}
                      x={x(before)}
                      // Every part is visible, with a gap before the next one.
                      width={Math.max(x(amount) - 2.5, 1.5)}
                      height={20}
                      className={colour(parts[number]?.colour ?? 0)}
                    />
                  )
                );
              })}
            </svg>
            <span className={styles.barSum}>{words}</span>
          </div>
        ))}
      </div>
      <div className={styles.legend} aria-hidden="true">
        {parts.map(({ name, colour: number }) => (
          <span key={name}>
            <i className={classes(styles.key, colour(number))} />
            {name}
          </span>
        ))}
      </div>
    </figure>
  );
}

const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);
