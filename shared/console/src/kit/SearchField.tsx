import Search from "lucide-react/icons/search";
import X from "lucide-react/icons/x";
import type { Ref } from "react";
import { Button } from "react-aria-components/Button";
import { Input } from "react-aria-components/Input";
import { type SearchFieldProps as AriaProps, SearchField as AriaSearchField } from "react-aria-components/SearchField";
import { classes } from "../lib/classes.ts";
import styles from "./Field.module.css";

type Props = Omit<AriaProps, "className" | "style" | "children" | "aria-label"> & {
  label: string;
  placeholder?: string;
  inputRef?: Ref<HTMLInputElement>;
  /** The arrow keys move through the list below the field. */
  ofList?: boolean;
};

/** A text that filters the list below it. Esc and a button clear it. */
export function SearchField({ label, placeholder, inputRef, ofList, ...props }: Props) {
  return (
    <AriaSearchField {...props} aria-label={label} className={classes(styles.field, styles.search)}>
      <div className={styles.control}>
        <Search size="1rem" aria-hidden className={styles.lead} />
        <Input
          {...(ofList && { role: "combobox", "aria-expanded": true })}
          ref={inputRef}
          className={styles.input}
          placeholder={placeholder ?? label}
        />
        <Button className={styles.inner}>
          <X size="1rem" aria-hidden />
        </Button>
      </div>
    </AriaSearchField>
  );
}
