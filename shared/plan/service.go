package plan

import "profiles/shared/problem"

// Service is one of the nine metered services of a profile. Its value is its
// place in an Amounts.
type Service int

const (
	ServiceInput Service = iota
	ServiceOutput
	ServiceSMS
	ServiceEmail
	ServiceAnalysis
	ServiceDataRecords
	ServiceRunUsers
	ServicePushNotification
	ServiceFileStorage

	ServiceCount
)

// Counting says how use of a service adds up.
type Counting int

const (
	CountingMonthly Counting = iota // a counter that starts again with each billing cycle
	CountingLevel                   // a level, with a maximum at any time
)

type serviceFacts struct {
	name       string
	title      string // the name for people, as the console has it
	unit       string
	counting   Counting
	parts      int64 // parts in a unit: use is counted in whole parts
	consumable bool  // charged in full, however late in a cycle it is bought
	tiers      []Tier
}

// Tier is an amount of a service and its price for a cycle, in cents.
type Tier struct{ Amount, Price int64 }

// services is the catalogue of services. The first tier of each is what every
// plan includes; the others can be bought. Source: the original's services page
// and its price list.
var services = [ServiceCount]serviceFacts{
	ServiceInput: {
		"input", "Data input", "variables", CountingMonthly, 1, false,
		[]Tier{
			{1_000_000, 0}, {3_000_000, 2000}, {10_000_000, 5500}, {20_000_000, 9000},
			{50_000_000, 17000}, {100_000_000, 33000}, {150_000_000, 48000},
			{250_000_000, 75000}, {500_000_000, 100000}, {750_000_000, 125000},
			{1_000_000_000, 150000}, {1_500_000_000, 200000}, {2_500_000_000, 250000},
			{4_000_000_000, 300000},
		},
	},
	ServiceOutput: {
		"output", "Data output", "records read", CountingMonthly, 1, false,
		[]Tier{
			{3_000_000, 0}, {18_000_000, 2000}, {54_000_000, 5500}, {90_000_000, 9000},
			{180_000_000, 17000}, {360_000_000, 33000}, {540_000_000, 48000},
			{900_000_000, 75000}, {1_350_000_000, 100000}, {1_800_000_000, 120000},
			{3_600_000_000, 180000}, {5_400_000_000, 220000}, {7_200_000_000, 250000},
			{9_000_000_000, 290000},
		},
	},
	ServiceSMS: {
		"sms", "SMS", "messages", CountingMonthly, 1, true,
		[]Tier{
			{10, 0}, {100, 250}, {200, 500}, {500, 1250}, {1000, 2500}, {5000, 10000},
			{10_000, 18000}, {20_000, 35000}, {30_000, 50000}, {40_000, 65000},
			{50_000, 85000},
		},
	},
	ServiceEmail: {
		"email", "E-mail", "messages", CountingMonthly, 1, true,
		[]Tier{
			{100, 0}, {1000, 250}, {2000, 500}, {5000, 1000}, {10_000, 1500},
			{50_000, 5000}, {100_000, 7500}, {500_000, 15000},
		},
	},
	// Run time is reported in fractions of a minute, such as 0.07.
	ServiceAnalysis: {
		"analysis", "Analysis", "minutes", CountingMonthly, 100, false,
		[]Tier{
			{3000, 0}, {6000, 3000}, {12_000, 5500}, {36_000, 15000}, {60_000, 22000},
			{120_000, 40000}, {240_000, 70000}, {360_000, 100000}, {600_000, 150000},
			{900_000, 200000}, {1_200_000, 240000}, {2_400_000, 400000},
			{3_600_000, 560000}, {7_000_000, 700000},
		},
	},
	ServiceDataRecords: {
		"data_records", "Data records", "records", CountingLevel, 1, false,
		[]Tier{
			{800_000, 0}, {1_500_000, 1500}, {5_000_000, 4000}, {10_000_000, 6000},
			{20_000_000, 10000}, {50_000_000, 20000}, {100_000_000, 35000},
			{150_000_000, 50000}, {250_000_000, 75000}, {350_000_000, 100000},
			{500_000_000, 140000}, {750_000_000, 170000}, {1_000_000_000, 200000},
			{1_500_000_000, 280000}, {2_000_000_000, 360000},
		},
	},
	ServiceRunUsers: {
		"run_users", "Run users", "users", CountingLevel, 1, false,
		[]Tier{
			{10, 0}, {100, 1000}, {500, 4000}, {1000, 6000}, {5000, 15000}, {10_000, 25000},
			{50_000, 60000}, {100_000, 100000},
		},
	},
	ServicePushNotification: {
		"push_notification", "Push notifications", "messages", CountingMonthly, 1, true,
		[]Tier{
			{100, 0}, {1000, 250}, {2000, 500}, {5000, 1000}, {10_000, 1500},
			{50_000, 5000}, {100_000, 7500}, {500_000, 25000},
		},
	},
	// Stored amounts are reported in fractions too, such as 49.89.
	ServiceFileStorage: {
		"file_storage", "File storage", "MB", CountingLevel, 100, false,
		[]Tier{
			{200, 0}, {10_000, 2000}, {25_000, 3000}, {100_000, 8000}, {250_000, 10000},
			{1_000_000, 20000}, {5_000_000, 40000}, {15_000_000, 50000},
		},
	},
}

// Services lists all services in the order of the catalogue.
func Services() []Service {
	all := make([]Service, ServiceCount)
	for i := range all {
		all[i] = Service(i)
	}
	return all
}

func (s Service) String() string { return services[s].name }

// Title is the name of the service for people: in mails, notifications and the
// console. String returns the name for programs.
func (s Service) Title() string { return services[s].title }

func (s Service) Unit() string { return services[s].unit }

func (s Service) Counting() Counting { return services[s].counting }

// Parts returns the number of parts in a unit of the service. Use is counted in
// whole parts.
func (s Service) Parts() int64 { return services[s].parts }

// Consumable reports whether the service is used up, as messages are. Such a
// service is charged in full, however late in a cycle it is bought.
func (s Service) Consumable() bool { return services[s].consumable }

// Tiers returns what can be bought of the service, the least first; the first
// is included in every plan.
func (s Service) Tiers() []Tier { return services[s].tiers }

// Price returns what a limit costs for a cycle, in cents. A limit between two
// tiers costs what the larger one does, and a limit above all tiers what the
// largest one does.
func (s Service) Price(limit int64) int64 {
	for _, t := range services[s].tiers {
		if limit <= t.Amount {
			return t.Price
		}
	}
	return services[s].tiers[len(services[s].tiers)-1].Price
}

// ParseService reads the name of a service; anything else is CodeInvalid.
func ParseService(name string) (Service, error) {
	for s := range services {
		if services[s].name == name {
			return Service(s), nil
		}
	}
	return 0, problem.InvalidField(
		"service",
		problem.FieldChoice,
		"must be one of %s",
		problem.List(Services()),
	)
}
