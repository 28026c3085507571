package plan

// RateGroup is a group of routes with the same rate limit. The limit holds for
// each route of a group by itself.
type RateGroup int

const (
	RateNone         RateGroup = iota // not limited
	RateAccount                       // by profile and plan, as the next three
	RateProfile                       //
	RateNotification                  //
	RateTokenInfo                     //
	RateDesk                          // by profile, whatever the plan: agents of the support desk
	RateSource                        // by network address: whoever sends no token
	RateLogo                          // the same, for pictures, of which a page shows many

	rateGroups
)

// rates are the requests in a minute of the clock on plan Free, Starter and
// Scale. Source: the original's page of rate limits. It is cut after the first
// routes of each group; the others have the same here. The last three are ours:
// an agent works through a queue by hand, a person who follows the link of a
// mail needs a few requests, and a page shows a logo for each profile.
var rates = [rateGroups][3]int{
	RateAccount:      {50, 100, 500},
	RateProfile:      {60, 100, 200},
	RateNotification: {60, 100, 1000},
	RateTokenInfo:    {60, 5000, 10_000},
	RateDesk:         {300, 300, 300},
	RateSource:       {30, 30, 30},
	RateLogo:         {600, 600, 600},
}

// BySource reports whether requests of the group count for the network address
// that they come from.
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
