import type { ReactNode } from "react";
import { useState } from "react";
import { Autocomplete, useFilter } from "react-aria-components/Autocomplete";
import { Collection } from "react-aria-components/Collection";
import { Header } from "react-aria-components/Header";
import { ListBox, ListBoxItem, ListBoxSection } from "react-aria-components/ListBox";
import { Text } from "react-aria-components/Text";
import menu from "../kit/Menu.module.css";
import { SearchField } from "../kit/SearchField.tsx";
import { classes } from "../lib/classes.ts";
import styles from "./Shell.module.css";

export type Found = {
  id: string;
  name: string;
  text?: string | undefined;
  /** The address that it opens. */
  href: string;
  picture: ReactNode;
  badge?: ReactNode;
};

export type Group = {
  name: string;
  items: readonly Found[];
  /**
   * Its entries are in another group too. They are left out when a person
   * searches.
   */
  again?: boolean;
};

type Props = {
  label: string;
  groups: readonly Group[];
  /** Says that nothing matches. */
  nothing: (text: string) => string;
  /**
   * Something that the text itself makes possible, such as the ticket that it
   * names.
   */
  more?: (text: string) => readonly Found[];
  broad?: boolean;
  foot?: ReactNode;
  onChosen: () => void;
};

/**
 * A field that filters a list of links as a person types. Up and Down go
 * through the list, Enter opens; a middle click opens a tab.
 */
export function Finder({ label, groups, nothing, more, broad, foot, onChosen }: Props) {
  const { contains } = useFilter({ sensitivity: "base" });
  const [text, setText] = useState("");
  const extra = more?.(text) ?? [];
  const shown = [...groups, ...(extra.length ? [{ name: extra[0]?.text ?? "", items: extra }] : [])].filter(
    ({ items, again }) => items.length > 0 && !(again && text.trim()),
  );
  return (
    <div className={classes(styles.finder, broad && styles.broad)}>
      <Autocomplete
        inputValue={text}
        onInputChange={setText}
        filter={(name, typed) => contains(name, typed.trim()) || extra.some((found) => found.name === name)}
      >
        <div className={styles.finderField}>
          <SearchField label={label} autoFocus />
        </div>
        <ListBox
          aria-label={label}
          items={shown}
          selectionMode="none"
          className={styles.finderList}
          onAction={onChosen}
          renderEmptyState={() => (
            <p className={styles.finderEmpty} role="status">
              {nothing(text)}
            </p>
          )}
        >
          {(group) => (
            <ListBoxSection id={group.name}>
              <Header className={styles.sectionName}>{group.name}</Header>
              <Collection items={group.items}>
                {(found) => (
                  <ListBoxItem id={found.id} textValue={found.name} href={found.href} className={menu.item}>
                    {found.picture}
                    <span className={menu.words}>
                      <Text slot="label" className={styles.found}>
                        {found.name} {found.badge}
                      </Text>
                    </span>
                  </ListBoxItem>
                )}
              </Collection>
            </ListBoxSection>
          )}
        </ListBox>
      </Autocomplete>
      {foot && <div className={styles.finderFoot}>{foot}</div>}
    </div>
  );
}
