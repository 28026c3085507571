package plan

// RateGroup is a group of routes with the same rate limit. The limit holds for
// each route of a group by itself.
type RateGroup int

const (
	RateNone         RateGroup = iota // not limited
	RateAccount                       // counted per profile; the limit depends on its plan
	RateProfile                       // the same
	RateNotification                  // the same
	RateTokenInfo                     // the same
	RateDesk                          // for support: counted per profile, the same on every plan
	RateSource                        // requests without a token: counted per network address
	RateLogo                          // logos, also without a token: counted per network address

	rateGroups
)

// rates has the number of requests admitted in a minute of the clock on Free,
// Starter and Scale. Source: the original's page of rate limits. That page
// names only the first routes of each group; here all routes of a group have
// the same limit. The last three groups are not in the original: support works
// through a queue by hand, a person who follows a link in a mail needs a few
// requests, and a page shows a logo for each profile.
var rates = [rateGroups][3]int{
	RateAccount:      {50, 100, 500},
	RateProfile:      {60, 100, 200},
	RateNotification: {60, 100, 1000},
	RateTokenInfo:    {60, 5000, 10_000},
	RateDesk:         {300, 300, 300},
	RateSource:       {30, 30, 30},
	RateLogo:         {600, 600, 600},
}

// BySource reports whether the group's requests are counted per network
// address.
func (g RateGroup) BySource() bool { return g == RateSource || g == RateLogo }

// PerMinute returns how many requests to one route of the group a plan admits
// in a minute of the clock. An unknown plan has what Free has.
func (g RateGroup) PerMinute(p Plan) int {
	switch p {
	case Scale:
		return rates[g][2]
	case Starter:
		return rates[g][1]
	default:
		return rates[g][0]
	}
}
