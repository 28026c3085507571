import { useLocation, useRouterState } from "@tanstack/react-router";
import type { JSX, ReactNode } from "react";
import icon from "../icon.svg";
import { Bone, Skeleton } from "../kit/States.tsx";
import { lastProfile } from "../lib/theme.ts";
import { common } from "../messages/en/common.ts";
import { mailLink } from "../session/links.ts";
import frame from "./Frame.module.css";
import { OutsideFrame } from "./Outside.tsx";

const outside = /^\/(sign-in|sign-up|forgotten|done)\b/;

/**
 * insideComes says whether an address is one of those who are signed in. Where
 * a person begins, that is likely for whom a profile was open.
 */
export function insideComes(pathname: string, hash: string, known: boolean): boolean {
  if (pathname !== "/" && pathname !== "") return !outside.test(pathname);
  const link = mailLink(hash);
  if (link) return link.kind === "transfer" || link.kind === "desk";
  return hash === "" && known;
}

/**
 * The contents of the window while the first page loads: the frame that the
 * page will have. No part of it moves when the page appears.
 */
export function Coming() {
  const { pathname, hash } = useLocation();
  const inside = insideComes(pathname, hash, lastProfile.get() !== null);
  const loading = (
    <>
      <h1 className="visually-hidden">{common.loading}</h1>
      <Skeleton>
        <div className={frame.heading}>
          <Bone width="12rem" height="1.75rem" />
          <Bone width="min(24rem, 100%)" />
        </div>
        <Bone height="9rem" />
      </Skeleton>
    </>
  );
  if (!inside) return <OutsideFrame>{loading}</OutsideFrame>;
  return (
    <>
      <div className={frame.bar}>
        <span className={frame.home}>
          <img src={icon} alt="" className={frame.mark} width={26} height={26} />
        </span>
        <span className={frame.slash} aria-hidden>
          /
        </span>
        <Bone width="9rem" height="1.25rem" />
      </div>
      <div className={frame.frame}>
        <div className={frame.nav}>
          <div className={frame.bones}>
            {[60, 80, 50, 70, 65].map((width) => (
              <Bone key={width} width={`${width}%`} height="0.875rem" />
            ))}
          </div>
        </div>
        <main className={frame.main} id="main">
          {loading}
        </main>
      </div>
    </>
  );
}

/** Around the pages: as long as there is none, the frame that comes. */
export function First({ children }: { children: ReactNode }): JSX.Element {
  const none: boolean = useRouterState({ select: ({ matches }) => matches.length === 0 });
  return (
    <>
      {none && <Coming />}
      {children}
    </>
  );
}
