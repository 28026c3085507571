import type { ReactNode } from "react";
import { Page, Section } from "../src/kit/Page.tsx";
import { Toasts } from "../src/kit/Toasts.tsx";
import { Fields } from "./Fields.tsx";
import styles from "./Gallery.module.css";
import { Over } from "./Over.tsx";
import { Shown } from "./Shown.tsx";
import { texts } from "./texts.ts";

/** The components that a part shows, in their states. A test holds that each of the kit is in one. */
export function Part({ of, children }: { of: readonly string[]; children: ReactNode }) {
  return (
    <Section title={of.join(", ")}>
      <div className={styles.kit} data-kit={of.join(" ")}>
        {children}
      </div>
    </Section>
  );
}

export function Row({ children }: { children: ReactNode }) {
  return <div className={styles.row}>{children}</div>;
}

/** A page of all components of the kit. */
export function Gallery() {
  return (
    <main id="main" className={styles.gallery}>
      <Page title={texts.title} lead={texts.lead}>
        <Shown />
        <Fields />
        <Over />
      </Page>
      <Toasts />
    </main>
  );
}
