import SearchX from "lucide-react/icons/search-x";
import { Link } from "../../kit/Link.tsx";
import { Empty } from "../../kit/States.tsx";
import { common } from "../../messages/en/common.ts";
import { tokens as texts } from "../../messages/en/tokens.ts";
import type { Token } from "./tokens.ts";

/** A token that does not exist, or not any more. */
export function Gone({ profile }: { profile: string }) {
  return (
    <Empty
      icon={SearchX}
      title={common.notFoundTitle}
      actions={
        <Link to="/p/$profile/tokens" params={{ profile }} kind="secondary">
          {texts.toList}
        </Link>
      }
    >
      {texts.gone}
    </Empty>
  );
}

/**
 * whyNotRotated returns the reason why this person may not rotate a token now;
 * undefined when they may.
 */
export function whyNotRotated(token: Token, me: string, full: boolean): string | undefined {
  if (token.by !== me) return texts.notYours;
  if (!full) return texts.writeOnly;
  if (token.graceEnds) return texts.alreadyRotated;
  return token.disabled ? texts.whileDisabled : undefined;
}
