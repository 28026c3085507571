import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { api } from "../../api/index.ts";
import { keys, profileQuery, queryClient, teamQuery } from "../../api/queries.ts";
import { Bone, Loaded } from "../../kit/States.tsx";
import { toast } from "../../kit/Toasts.tsx";
import { TypedConfirm } from "../../kit/TypedConfirm.tsx";
import { reread } from "../../kit/useAction.ts";
import { listed } from "../../lib/format.ts";
import { more as texts } from "../../messages/en/more.ts";
import { addons } from "../../messages/en/services.ts";
import { useSession } from "../../session/store.ts";
import type { OpenProfile } from "../../shell/Profile.tsx";
import { countsOf } from "../team/rows.ts";
import { checkQuery } from "../transfer/queries.ts";
import styles from "./More.module.css";

type Props = {
  profile: OpenProfile;
  otp: { authenticator: boolean; email: boolean } | undefined;
  onClose: () => void;
};

/** Deletes a profile. It first counts the things that end with the profile. */
export function Remove({ profile: { id, name }, otp, onClose }: Props) {
  const router = useRouter();
  const { email } = useSession();
  async function remove(body: { password: string; pin_code?: string }) {
    await api.DELETE("/profile/{id}", { params: { path: { id } }, body });
    // The page of the profile goes first, as nothing of it can be read any
    // more.
    await router.navigate({ to: "/profiles", replace: true, ignoreBlocker: true });
    queryClient.removeQueries({ queryKey: keys.profile(id) });
    await reread(keys.account, keys.notifications);
    toast(texts.removed(name), async () => {
      await api.POST("/profile/{id}/restore", { params: { path: { id } } });
      await reread(keys.account);
    });
  }
  return (
    <TypedConfirm
      title={texts.removeTitle(name)}
      text={name}
      action={texts.remove}
      email={email}
      otp={otp}
      onClose={onClose}
      onConfirm={remove}
    >
      <p>{texts.removeWhat}</p>
      <Dies id={id} />
    </TypedConfirm>
  );
}

function Dies({ id }: { id: string }) {
  const team = useQuery(teamQuery(id));
  const profile = useQuery(profileQuery(id));
  const { data: check } = useQuery(checkQuery(id));
  return (
    <Loaded query={team} skeleton={<Bone height="4rem" />}>
      {(rows) => {
        const { members, invitations } = countsOf(rows);
        const has = (Object.keys(addons) as (keyof typeof addons)[]).filter((addon) => profile.data?.addons[addon]);
        return (
          <>
            <ul className={styles.dies}>
              <li>{texts.dies.tokens}</li>
              {members > 0 && <li>{texts.dies.members(members)}</li>}
              {invitations > 0 && <li>{texts.dies.invitations(invitations)}</li>}
              {has.length > 0 && <li>{texts.dies.addons(listed(has.map((addon) => addons[addon])))}</li>}
              <li>{texts.dies.usage}</li>
            </ul>
            {check?.ticket && <p>{texts.removeWaits(check.ticket)}</p>}
          </>
        );
      }}
    </Loaded>
  );
}
