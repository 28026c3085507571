import { useState } from "react";
import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";
import { Button } from "../../kit/Button.tsx";
import { Section } from "../../kit/Page.tsx";
import { toast } from "../../kit/Toasts.tsx";
import { TypedConfirm } from "../../kit/TypedConfirm.tsx";
import { reread } from "../../kit/useAction.ts";
import { tokens as texts } from "../../messages/en/tokens.ts";
import { useProfile } from "../../shell/Profile.tsx";

/** Ends all tokens of the profile, which its owner may. */
export function RevokeAll({ count }: { count: number }) {
  const { id, name } = useProfile();
  const [asking, setAsking] = useState(false);
  return (
    <Section
      danger
      title={texts.revokeAll}
      lead={texts.revokeAllLead}
      actions={
        <Button kind="dangerQuiet" onPress={() => setAsking(true)}>
          {texts.revokeAll}
        </Button>
      }
    >
      {asking && (
        <TypedConfirm
          title={texts.revokeAllTitle}
          text={name}
          action={texts.revokeAll}
          onClose={() => setAsking(false)}
          onConfirm={async () => {
            await api.DELETE("/profile/{id}/token", { params: { path: { id } } });
            await reread(keys.tokens(id));
            toast(texts.revokedAll);
          }}
        >
          <p>{texts.revokeAllText(count)}</p>
        </TypedConfirm>
      )}
    </Section>
  );
}
