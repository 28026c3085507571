import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";
import { toast } from "../../kit/Toasts.tsx";
import { TypedConfirm } from "../../kit/TypedConfirm.tsx";
import { reread } from "../../kit/useAction.ts";
import { tokens as texts } from "../../messages/en/tokens.ts";
import { useProfile } from "../../shell/Profile.tsx";

/**
 * Asks before all tokens of the profile are revoked, which only its owner may
 * do.
 */
export function RevokeAll({ count, onClose }: { count: number; onClose: () => void }) {
  const { id, name } = useProfile();
  return (
    <TypedConfirm
      title={texts.revokeAllTitle}
      text={name}
      action={texts.revokeAll}
      onClose={onClose}
      onConfirm={async () => {
        await api.DELETE("/profile/{id}/token", { params: { path: { id } } });
        await reread(keys.tokens(id));
        toast(texts.revokedAll);
      }}
    >
      <p>{texts.revokeAllText(count)}</p>
    </TypedConfirm>
  );
}
