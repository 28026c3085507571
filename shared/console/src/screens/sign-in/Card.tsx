import type { ReactNode } from "react";
import { useEffect, useRef } from "react";
import { useArrival } from "../../kit/useArrival.ts";
import { common } from "../../messages/en/common.ts";
import styles from "./SignIn.module.css";

type Props = { title: string; lead?: ReactNode; children: ReactNode; links?: ReactNode };

/**
 * A page for people who are not signed in: one card with one thing to do. When
 * the title changes, the focus goes to it, unless a field of the card has it.
 */
export function Card({ title, lead, children, links }: Props) {
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${common.product}`;
  }, [title]);
  useArrival(title, head, () => document.activeElement instanceof HTMLInputElement);
  return (
    <>
      <div className={styles.card}>
        <div className={styles.head}>
          <h1 ref={head} tabIndex={-1}>
            {title}
          </h1>
          {lead && <p>{lead}</p>}
        </div>
        {children}
      </div>
      {links && <div className={styles.links}>{links}</div>}
    </>
  );
}
