import { useQuery } from "@tanstack/react-query";
import { Outlet, useParams, useRouter } from "@tanstack/react-router";
import { createContext, useContext, useEffect } from "react";
import { overviewQuery } from "../api/queries.ts";
import type { components } from "../api/schema.d.ts";
import { Page } from "../kit/Page.tsx";
import { Loaded, NotFound } from "../kit/States.tsx";
import { recentProfiles } from "../lib/recent.ts";
import { lastProfile } from "../lib/theme.ts";
import { common } from "../messages/en/common.ts";
import { useSession } from "../session/store.ts";

/** The profile that is open, as the overview of the account has it. */
export type OpenProfile = components["schemas"]["ProfileOutline"] & {
  /** It belongs to the account that is signed in. */
  own: boolean;
  /**
   * The account may change things of it; with a smaller permission than write it
   * sees no control that does.
   */
  writes: boolean;
};

const ProfileContext = createContext<OpenProfile | undefined>(undefined);

/** useProfile returns the profile that is open, on its pages. */
export function useProfile(): OpenProfile {
  const profile = useContext(ProfileContext);
  if (!profile) throw new Error("no profile is open");
  return profile;
}

/** The frame of all pages of a profile. */
export function Profile() {
  const { profile: id } = useParams({ from: "/inside/p/$profile" });
  const router = useRouter();
  const { account } = useSession();
  const query = useQuery(overviewQuery);
  const known = query.data?.profiles.some((profile) => profile.id === id);
  useEffect(() => {
    if (known) {
      lastProfile.set(id);
      recentProfiles.visit(account, id);
    }
    if (known !== false || lastProfile.get() !== id) return;
    // It was deleted, or is no longer shared with this person.
    lastProfile.clear();
    void router.navigate({ to: "/profiles", replace: true });
  }, [account, id, known, router]);
  return (
    <Loaded query={query}>
      {({ profiles }) => {
        const row = profiles.find((profile) => profile.id === id);
        if (!row) {
          return (
            <Page
              title={common.notFoundTitle}
              heading={<span className="visually-hidden">{common.notFoundTitle}</span>}
            >
              <NotFound />
            </Page>
          );
        }
        const writes = row.permission === "write" || row.permission === "full";
        return (
          <ProfileContext key={id} value={{ ...row, own: row.role === "owner", writes }}>
            <Outlet />
          </ProfileContext>
        );
      }}
    </Loaded>
  );
}
