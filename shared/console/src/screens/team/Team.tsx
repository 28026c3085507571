import { useQuery } from "@tanstack/react-query";
import UserPlus from "lucide-react/icons/user-plus";
import { useState } from "react";
import { profileQuery, teamQuery } from "../../api/queries.ts";
import { Bar } from "../../kit/Bar.tsx";
import { Button } from "../../kit/Button.tsx";
import { Link } from "../../kit/Link.tsx";
import { Notice } from "../../kit/Notice.tsx";
import { Page } from "../../kit/Page.tsx";
import { Bone, Empty, Loaded, Skeleton } from "../../kit/States.tsx";
import { useFormat } from "../../lib/format.ts";
import { plans } from "../../messages/en/services.ts";
import { team as texts } from "../../messages/en/team.ts";
import { Given } from "../../shell/Given.tsx";
import { useProfile } from "../../shell/Profile.tsx";
import { Invite } from "./Invite.tsx";
import { People } from "./People.tsx";
import { takesPlace } from "./rows.ts";
import styles from "./Team.module.css";

const bones = ["a", "b", "c"].map((key) => <Bone key={key} height="3.25rem" />);

export function Team() {
  const { id, name, own, owner_name } = useProfile();
  const team = useQuery(teamQuery(id));
  const profile = useQuery({ ...profileQuery(id), enabled: own });
  const [inviting, setInviting] = useState(false);
  const { number } = useFormat();
  const places = profile.data?.limits.members;
  const taken = team.data?.filter(takesPlace).length ?? 0;
  const free = places === undefined ? undefined : Math.max(0, places - taken);
  const invite = own && places !== 0 && (
    <Button kind="primary" icon={UserPlus} isDisabled={free === 0} onPress={() => setInviting(true)}>
      {texts.invite}
    </Button>
  );
  return (
    <Page
      title={texts.title}
      within={name}
      lead={own ? texts.lead : texts.leadMember}
      beside={<Given />}
      actions={invite}
    >
      {!own && <Notice>{texts.readOnly(owner_name)}</Notice>}
      {profile.data && places === 0 && (
        <Notice>
          {texts.noPlaces(plans[profile.data.account_plan])} <Link to="/subscription">{texts.plans}</Link>
        </Notice>
      )}
      {places !== undefined && places > 0 && team.data && (
        <div className={styles.places}>
          <Bar
            label={texts.places}
            used={taken}
            limit={places}
            words={texts.placesWords(number(taken), number(places))}
          />
          <p className={styles.quiet}>
            {free === 0 ? (
              <>
                {texts.full} <Link to="/subscription">{texts.plans}</Link>
              </>
            ) : (
              texts.placesHint
            )}
          </p>
        </div>
      )}
      {/* With the places, which stand above them, so that the rows do not move. */}
      {own && profile.isPending ? (
        <Skeleton>{bones}</Skeleton>
      ) : (
        <Loaded query={team} skeleton={bones}>
          {(rows) => (
            <>
              <People rows={rows} />
              {own && rows.length === 0 && places !== 0 && (
                <Empty title={texts.emptyTitle} actions={invite}>
                  {texts.empty}
                </Empty>
              )}
            </>
          )}
        </Loaded>
      )}
      {inviting && <Invite profile={id} free={free} onClose={() => setInviting(false)} />}
    </Page>
  );
}
