package static

import "profiles/shared/plan"

// PricingGet returns the prices of everything.
var PricingGet = Operation{
	Name:    "pricing-get",
	Tag:     "Subscription",
	Summary: "Returns the prices of plans, add-ons and services, in cents for a cycle.",
	Routes:  []Route{{"GET", "/pricing"}},
	Result:  result[PriceList](pricing),
	Example: "/pricing",
}

func pricing() PriceList { return Prices(func(price int64, _ bool) int64 { return price }) }

type planPrice struct {
	Name   plan.Plan  `json:"name"`   // the plan
	Price  int64      `json:"price"`  // the price, in cents for a cycle
	Limits LimitsView `json:"limits"` // the limits of the plan
}

type namedPrice struct {
	Name  plan.Addon `json:"name"`  // the add-on
	Price int64      `json:"price"` // the price, in cents for a cycle
}

type tierPrice struct {
	Amount int64 `json:"amount"` // the limit of a service
	Price  int64 `json:"price"`  // the price, in cents for a cycle
}

// PriceList are the prices of everything, in cents for a cycle.
type PriceList struct {
	Plans            []planPrice  `json:"plans"`             // the plans
	Addons           []namedPrice `json:"addons"`            // the add-ons
	Input            []tierPrice  `json:"input"`             // the tiers of input
	Output           []tierPrice  `json:"output"`            // the tiers of output
	SMS              []tierPrice  `json:"sms"`               // the tiers of sms
	Email            []tierPrice  `json:"email"`             // the tiers of email
	Analysis         []tierPrice  `json:"analysis"`          // the tiers of analysis
	DataRecords      []tierPrice  `json:"data_records"`      // the tiers of data_records
	RunUsers         []tierPrice  `json:"run_users"`         // the tiers of run_users
	PushNotification []tierPrice  `json:"push_notification"` // the tiers of push_notification
	FileStorage      []tierPrice  `json:"file_storage"`      // the tiers of file_storage
}

// Prices is the price list, with each price as of gives it.
func Prices(of func(price int64, consumable bool) int64) PriceList {
	var list PriceList
	for _, p := range plan.Plans() {
		list.Plans = append(list.Plans, planPrice{p, of(p.Price(), false), LimitsOf(p)})
	}
	for _, a := range plan.AllAddons() {
		list.Addons = append(list.Addons, namedPrice{a, of(a.Price(), false)})
	}
	tiers := func(one plan.Service) (out []tierPrice) {
		for _, t := range one.Tiers() {
			out = append(out, tierPrice{t.Amount, of(t.Price, one.Consumable())})
		}
		return out
	}
	list.Input = tiers(plan.ServiceInput)
	list.Output = tiers(plan.ServiceOutput)
	list.SMS = tiers(plan.ServiceSMS)
	list.Email = tiers(plan.ServiceEmail)
	list.Analysis = tiers(plan.ServiceAnalysis)
	list.DataRecords = tiers(plan.ServiceDataRecords)
	list.RunUsers = tiers(plan.ServiceRunUsers)
	list.PushNotification = tiers(plan.ServicePushNotification)
	list.FileStorage = tiers(plan.ServiceFileStorage)
	return list
}

// LimitsView are the limits of a plan.
type LimitsView struct {
	Profiles int `json:"profiles"` // how many profiles an account may have
	Members  int `json:"members"`  // how many members a profile may have, without its owner
}

// LimitsOf returns the limits of a plan as clients know them.
func LimitsOf(p plan.Plan) LimitsView { return LimitsView(p.Limits()) }
