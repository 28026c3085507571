package plan

var titles = [ServiceCount]string{
	ServiceInput:            "Data input",
	ServiceOutput:           "Data output",
	ServiceSMS:              "SMS",
	ServiceEmail:            "E-mail",
	ServiceAnalysis:         "Analysis",
	ServiceDataRecords:      "Data records",
	ServiceRunUsers:         "Run users",
	ServicePushNotification: "Push notifications",
	ServiceFileStorage:      "File storage",
}

// Title is the name of the service for people, as the console has it. String
// is the one for programs.
func (s Service) Title() string { return titles[s] }

// Titles returns the names of services for people.
func Titles(services []Service) []string {
	all := make([]string, len(services))
	for i, s := range services {
		all[i] = s.Title()
	}
	return all
}
