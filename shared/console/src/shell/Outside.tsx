import { Outlet } from "@tanstack/react-router";
import type { ReactNode } from "react";
import icon from "../icon.svg";
import { Link } from "../kit/Link.tsx";
import { common } from "../messages/en/common.ts";
import styles from "./Outside.module.css";

/** The product's name and picture, which lead to its start. */
function Brand() {
  return (
    <Link to="/profiles" className={styles.brand}>
      <img src={icon} alt="" className={styles.mark} width={26} height={26} />
      {common.product}
    </Link>
  );
}

/** The frame of pages for those who are not signed in. */
export function Outside() {
  return (
    <OutsideFrame>
      <Outlet />
    </OutsideFrame>
  );
}

/** That frame around anything. */
export function OutsideFrame({ children }: { children: ReactNode }) {
  return (
    <div className={styles.ground}>
      <header className={styles.head}>
        <Brand />
      </header>
      <main className={styles.main} id="main">
        {children}
      </main>
    </div>
  );
}
