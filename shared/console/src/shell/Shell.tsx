import { Outlet, useLocation, useParams, useRouter } from "@tanstack/react-router";
import MenuIcon from "lucide-react/icons/menu";
import Search from "lucide-react/icons/search";
import { useEffect, useMemo, useState } from "react";
import { RouterProvider } from "react-aria-components";
import { Button } from "react-aria-components/Button";
import type { Session } from "../api/session.ts";
import icon from "../icon.svg";
import { IconButton } from "../kit/IconButton.tsx";
import { Link } from "../kit/Link.tsx";
import { clearToasts, Toasts } from "../kit/Toasts.tsx";
import { type Preferences, PreferencesContext } from "../lib/format.ts";
import { common } from "../messages/en/common.ts";
import { shell as texts } from "../messages/en/shell.ts";
import { active, asksAgain, useSessionState } from "../session/store.ts";
import { Bell } from "./Bell.tsx";
import frame from "./Frame.module.css";
import { loadOverlays, Opened, Palette, SessionEnded, Side } from "./later.tsx";
import { Nav } from "./Nav.tsx";
import { PersonMenu } from "./PersonMenu.tsx";
import styles from "./Shell.module.css";
import { Switcher } from "./Switcher.tsx";

const apple = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** The frame of all pages of those who are signed in. */
export function Shell() {
  const { session, ended } = useSessionState();
  const router = useRouter();
  // Between signing out and the next page nobody is signed in.
  if (!session) return null;
  return (
    <RouterProvider
      navigate={(path) => void router.navigate({ href: path })}
      useHref={(path) => (/^[a-z]+:/.test(path) ? path : router.buildLocation({ to: path }).publicHref)}
    >
      <Frame key={session.account} ended={ended} session={session} />
    </RouterProvider>
  );
}

function Frame({ ended, session }: { ended: boolean; session: Session }) {
  const [searching, setSearching] = useState(false);
  const [navigating, setNavigating] = useState(false);
  const { pathname } = useLocation();
  const { profile } = useParams({ strict: false });
  const { timezone, options } = session;
  const preferences = useMemo<Preferences>(() => ({ ...options, timezone }), [options, timezone]);

  useEffect(asksAgain, []);
  useEffect(() => {
    // If loading fails now, it is tried again when an overlay opens.
    const moved = () => void loadOverlays().catch(() => {});
    const kinds = ["pointermove", "pointerdown", "keydown", "focusin"] as const;
    for (const kind of kinds) window.addEventListener(kind, moved, { once: true });
    return () => {
      for (const kind of kinds) window.removeEventListener(kind, moved);
    };
  }, []);
  // Messages to one person are not for the next one.
  useEffect(() => clearToasts, []);
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      active();
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey)
        return;
      event.preventDefault();
      setSearching(true);
    }
    window.addEventListener("keydown", onKey);
    window.addEventListener("pointerdown", active);
    return () => {
      window.removeEventListener("keydown", onKey);
      window.removeEventListener("pointerdown", active);
    };
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the panel closes when the page changes.
  useEffect(() => setNavigating(false), [pathname]);

  return (
    <PreferencesContext value={preferences}>
      {/* biome-ignore lint/a11y/useValidAnchor: it leads to the content; the address keeps its own fragment. */}
      <a className={styles.skip} href="#main" onClick={(event) => skip(event)}>
        {texts.skip}
      </a>
      <header className={frame.bar}>
        <span className={frame.menu}>
          <IconButton icon={MenuIcon} label={texts.openNavigation} onPress={() => setNavigating(true)} />
        </span>
        <Link to="/profiles" className={frame.home} aria-label={common.toProfiles}>
          <img src={icon} alt="" className={frame.mark} width={26} height={26} />
        </Link>
        <span className={frame.slash} aria-hidden>
          /
        </span>
        <Switcher />
        <span className={styles.gap} />
        <Button className={styles.search} aria-keyshortcuts="Control+K Meta+K" onPress={() => setSearching(true)}>
          <Search size="1rem" aria-hidden />
          <span>{texts.search}</span>
          <kbd aria-hidden data-keys={texts.shortcut(apple)} />
        </Button>
        <Bell />
        <PersonMenu />
      </header>
      <div className={frame.frame}>
        <div className={frame.nav}>
          <Nav profile={profile} />
        </div>
        <main className={frame.main} id="main" tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      <Opened when={navigating}>
        <Side open label={texts.navigation} onClose={() => setNavigating(false)}>
          <Nav profile={profile} />
        </Side>
      </Opened>
      <Opened when={searching}>
        <Palette onClose={() => setSearching(false)} />
      </Opened>
      <Toasts />
      <Opened when={ended}>
        <SessionEnded />
      </Opened>
    </PreferencesContext>
  );
}

// The address keeps its own fragment.
function skip(event: React.MouseEvent) {
  event.preventDefault();
  document.getElementById("main")?.focus();
}
