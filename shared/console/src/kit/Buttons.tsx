import type { ReactNode } from "react";
import styles from "./Form.module.css";

/** The row of buttons that ends a dialog or a form. */
export function Buttons({ children }: { children: ReactNode }) {
  return <div className={styles.buttons}>{children}</div>;
}
