import { ToggleButton } from "react-aria-components/ToggleButton";
import { ToggleButtonGroup } from "react-aria-components/ToggleButtonGroup";
import { SearchField } from "../../kit/SearchField.tsx";
import { useFormat } from "../../lib/format.ts";
import { tokens as texts } from "../../messages/en/tokens.ts";
import { useSession } from "../../session/store.ts";
import styles from "./Tokens.module.css";
import { filterIds, passes, type Token, type View } from "./tokens.ts";

type Props = { all: readonly Token[]; view: View; onChange: (change: Partial<View>) => void };

/**
 * The filters of the list. A filter that no token passes is not offered, unless
 * it is chosen.
 */
export function Filters({ all, view, onChange }: Props) {
  const { account } = useSession();
  const { number } = useFormat();
  const now = Date.now();
  const offered = filterIds
    .map((id) => ({ id, count: all.filter((token) => passes(id, token, account, now)).length }))
    // All tokens of a member are the member's own.
    .filter(({ id, count }) => view.filters.includes(id) || (count > 0 && !(id === "mine" && count === all.length)));
  return (
    <div className={styles.tools}>
      <div className={styles.find}>
        <SearchField label={texts.find} value={view.find} onChange={(find) => onChange({ find })} />
      </div>
      {offered.length > 0 && (
        <ToggleButtonGroup
          aria-label={texts.filters}
          selectionMode="multiple"
          selectedKeys={view.filters}
          onSelectionChange={(keys) => onChange({ filters: filterIds.filter((id) => keys.has(id)) })}
          className={styles.pills ?? ""}
        >
          {offered.map(({ id, count }) => (
            <ToggleButton key={id} id={id} className={styles.pill ?? ""}>
              {texts.filter[id]}
              <span className={styles.count}>{number(count)}</span>
            </ToggleButton>
          ))}
        </ToggleButtonGroup>
      )}
    </div>
  );
}
