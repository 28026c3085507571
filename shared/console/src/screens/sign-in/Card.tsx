import type { ReactNode } from "react";
import { useEffect, useRef } from "react";
import { common } from "../../messages/en/common.ts";
import styles from "./SignIn.module.css";

type Props = { title: string; lead?: ReactNode; children: ReactNode; links?: ReactNode };

// The title that was there before: the page that the browser opened leaves the focus where the browser puts it.
let shown: string | undefined;

/** A page outside: one card with one thing to do. When the title changes, the focus goes to it, unless a field of the card has it. */
export function Card({ title, lead, children, links }: Props) {
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${common.product}`;
    if (shown !== undefined && shown !== title && !(document.activeElement instanceof HTMLInputElement))
      head.current?.focus();
    shown = title;
  }, [title]);
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
