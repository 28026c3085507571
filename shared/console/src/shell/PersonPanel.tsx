import Check from "lucide-react/icons/check";
import LogOut from "lucide-react/icons/log-out";
import UserRound from "lucide-react/icons/user-round";
import { useState } from "react";
import { Header } from "react-aria-components/Header";
import { Menu, MenuItem, MenuSection } from "react-aria-components/Menu";
import { Separator } from "react-aria-components/Separator";
import menu from "../kit/Menu.module.css";
import { Popover } from "../kit/Popover.tsx";
import { applyTheme, type Theme } from "../lib/theme.ts";
import { shell as texts } from "../messages/en/shell.ts";
import { signOut, useSession } from "../session/store.ts";
import type { PanelProps } from "./later.tsx";
import styles from "./Shell.module.css";

const themes: readonly Theme[] = ["system", "light", "dark"];

/** The person who is signed in: their account, the theme, and the way out. */
export function PersonPanel({ button, onClose }: PanelProps) {
  const { name, email } = useSession();
  const [theme, setTheme] = useState(applyTheme);
  return (
    <Popover isOpen triggerRef={button} onOpenChange={onClose} aria-label={texts.person(name)} placement="bottom end">
      <div className={styles.who}>
        <p>
          <strong>{name}</strong>
        </p>
        <p>{email}</p>
      </div>
      <Menu className={menu.list} aria-label={texts.account} autoFocus="first" onClose={onClose}>
        <MenuItem id="account" href="/account" className={menu.item}>
          <UserRound size="1rem" aria-hidden />
          {texts.account}
        </MenuItem>
        <Separator className={menu.separator} />
        <MenuSection
          selectionMode="single"
          disallowEmptySelection
          selectedKeys={[theme]}
          onSelectionChange={(keys) => {
            const chosen = themes.find((each) => keys !== "all" && keys.has(each));
            if (chosen) setTheme(applyTheme(chosen));
          }}
        >
          <Header className={styles.sectionName}>{texts.theme}</Header>
          {themes.map((each) => (
            <MenuItem key={each} id={each} className={menu.item}>
              {({ isSelected }) => (
                <>
                  <span className={menu.words}>{texts.themes[each]}</span>
                  {isSelected && <Check size="1rem" aria-hidden />}
                </>
              )}
            </MenuItem>
          ))}
        </MenuSection>
        <Separator className={menu.separator} />
        <MenuItem id="out" className={menu.item} onAction={() => void signOut()}>
          <LogOut size="1rem" aria-hidden />
          {texts.signOut}
        </MenuItem>
      </Menu>
    </Popover>
  );
}
