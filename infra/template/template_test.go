package template_test

import (
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"profiles/infra/template"
)

const whole = `
Parameters:
  Sender:
    Type: String
    Default: mail@example.com
  Stage:
    Type: String
    Default: test
  Origins:
    Type: CommaDelimitedList
    Default: "https://a.example, https://b.example"
  Secret:
    Type: String
Mappings:
  Sizes:
    test: {password: 512}
    live: {password: 1024}
Conditions:
  IsLive: !Equals [!Ref Stage, live]
  NotLive: !Not [!Condition IsLive]
Globals:
  Function:
    Timeout: 10
    MemorySize: 256
    Environment:
      Variables:
        TABLE_NAME: !Ref Table
        GOMAXPROCS: 1
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      FailOnWarnings: true
      CorsConfiguration:
        AllowOrigins: !Ref Origins
        AllowMethods: [GET, POST]
        MaxAge: 600
  ProfileGetFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: dist/fn/profile-get/
      MemorySize: !FindInMap [Sizes, !Ref Stage, password]
      Environment:
        Variables:
          MAIL_FROM: {"Fn::Sub": "Support <${Sender}> ${!literal} ${AWS::Region}"}
          LEVEL: !If [IsLive, info, debug]
          NOTHING: !If [NotLive, !Ref AWS::NoValue, x]
          JOINED: !Join ["-", [a, !Ref Stage]]
      Events:
        Get: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: get, Path: "/profile/{id}"}}
        Put: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: PUT, Path: "/profile/{id}", Auth: {Authorizer: AWS_IAM}}}
        Other: {Type: HttpApi, Properties: {ApiId: !Ref Api}}
      Policies:
        - Statement:
            - Effect: Allow
              Action: [dynamodb:GetItem, dynamodb:Query]
              Resource: [!GetAtt Table.Arn, !Sub "${Table.Arn}/index/due"]
        - Statement: {Effect: Allow, Action: ses:SendEmail, Resource: "*"}
        - !Ref Counting
  MailDeliverFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: dist/fn/mail-deliver
      LoggingConfig: {LogGroup: !Ref MailLog}
      PermissionsBoundary: !Ref Bounds
      Events:
        Minute: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 minute)}}
        Hours: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(2 hours), State: DISABLED}}
        Outbox:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt [Table, StreamArn]
            StartingPosition: TRIM_HORIZON
            BatchSize: 10
            MaximumRetryAttempts: 3
            BisectBatchOnFunctionError: true
            FunctionResponseTypes: [ReportBatchItemFailures]
            FilterCriteria: {Filters: [{Pattern: '{"eventName":["INSERT"]}'}]}
            DestinationConfig: {OnFailure: {Destination: !GetAtt DeadMail.Arn}}
  LiveOnlyFunction:
    Type: AWS::Serverless::Function
    Condition: IsLive
    Properties: {CodeUri: dist/fn/live-only}
  DeadMail: {Type: AWS::SQS::Queue}
  MailLog: {Type: AWS::Logs::LogGroup}
  Bounds:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement:
          - {Effect: Allow, NotAction: "logs:*", Resource: "*"}
          - {Effect: Allow, Action: "logs:PutLogEvents", Resource: !GetAtt MailLog.Arn}
  Counting:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: dynamodb:UpdateItem
            Resource: !GetAtt Table.Arn
            Condition: {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["R#*"]}, "Null": {"dynamodb:LeadingKeys": "false"}}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions:
        - {AttributeName: PK, AttributeType: S}
        - {AttributeName: SK, AttributeType: S}
        - {AttributeName: duePK, AttributeType: S}
        - {AttributeName: dueSK, AttributeType: S}
      KeySchema: [{AttributeName: PK, KeyType: HASH}, {AttributeName: SK, KeyType: RANGE}]
      GlobalSecondaryIndexes:
        - IndexName: due
          KeySchema: [{AttributeName: duePK, KeyType: HASH}, {AttributeName: dueSK, KeyType: RANGE}]
          Projection: {ProjectionType: KEYS_ONLY}
      TimeToLiveSpecification: {AttributeName: ttl, Enabled: true}
      StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}
`

func TestParse(t *testing.T) {
	t.Parallel()
	got, err := template.Parse("template.yaml", []byte(whole), map[string]string{"Sender": "hello@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	for i := range got.Functions {
		got.Functions[i].Line = 0
	}
	want := &template.Template{
		Functions: []template.Function{{
			LogicalID: "ProfileGetFunction",
			Name:      "profile-get",
			CodeURI:   "dist/fn/profile-get/",
			MemoryMB:  512,
			Timeout:   10 * time.Second,
			Environment: map[string]string{
				"TABLE_NAME": "Table",
				"GOMAXPROCS": "1",
				"MAIL_FROM":  "Support <hello@example.com> ${literal} us-east-1",
				"LEVEL":      "debug",
				"JOINED":     "a-test",
			},
			Routes: []template.Route{{Method: "GET", Path: "/profile/{id}"}, {Method: "PUT", Path: "/profile/{id}"}, {Path: template.Default}},
			Signed: []template.Route{{Method: "PUT", Path: "/profile/{id}"}},
			Policy: []template.Statement{
				{Effect: "Allow", Actions: []string{"dynamodb:GetItem", "dynamodb:Query"}, Resources: []string{"Table.Arn", "Table.Arn/index/due"}},
				{Effect: "Allow", Actions: []string{"ses:SendEmail"}, Resources: []string{"*"}},
				{Effect: "Allow", Actions: []string{"dynamodb:UpdateItem"}, Resources: []string{"Table.Arn"}, Condition: map[string]map[string][]string{
					"ForAllValues:StringLike": {"dynamodb:LeadingKeys": {"R#*"}}, "Null": {"dynamodb:LeadingKeys": {"false"}},
				}},
			},
		}, {
			LogicalID:   "MailDeliverFunction",
			Name:        "mail-deliver",
			CodeURI:     "dist/fn/mail-deliver",
			MemoryMB:    256,
			Timeout:     10 * time.Second,
			Environment: map[string]string{"TABLE_NAME": "Table", "GOMAXPROCS": "1"},
			LogGroup:    "MailLog",
			Boundary: []template.Statement{
				{Effect: "Allow", NotActions: []string{"logs:*"}, Resources: []string{"*"}},
				{Effect: "Allow", Actions: []string{"logs:PutLogEvents"}, Resources: []string{"MailLog.Arn"}},
			},
			Schedules: []template.Schedule{{Every: time.Minute, Enabled: true}, {Every: 2 * time.Hour}},
			Streams: []template.Stream{{
				BatchSize:                  10,
				MaximumRetryAttempts:       3,
				BisectBatchOnFunctionError: true,
				ReportBatchItemFailures:    true,
				Filters:                    []string{`{"eventName":["INSERT"]}`},
				OnFailure:                  "DeadMail",
				Enabled:                    true,
			}},
		}},
		Table: template.Table{
			LogicalID:    "Table",
			Attributes:   map[string]string{"PK": "S", "SK": "S", "duePK": "S", "dueSK": "S"},
			Key:          template.Key{Partition: "PK", Sort: "SK"},
			Indexes:      []template.Index{{Name: "due", Key: template.Key{Partition: "duePK", Sort: "dueSK"}, Projection: "KEYS_ONLY"}},
			TTLAttribute: "ttl",
			StreamView:   "NEW_AND_OLD_IMAGES",
		},
		API: template.API{LogicalID: "Api", FailOnWarnings: true, CORS: &template.CORS{
			AllowOrigins: []string{"https://a.example", "https://b.example"},
			AllowMethods: []string{"GET", "POST"},
			MaxAge:       600,
		}},
		Queues: []string{"DeadMail"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func TestParseOverridesChooseConditions(t *testing.T) {
	t.Parallel()
	got, err := template.Parse("template.yaml", []byte(whole), map[string]string{"Stage": "live"})
	if err != nil {
		t.Fatal(err)
	}
	function, _ := got.Function("profile-get")
	if function.MemoryMB != 1024 || function.Environment["LEVEL"] != "info" || function.Environment["NOTHING"] != "x" {
		t.Errorf("got %d MB and %v, want the values of the stage live", function.MemoryMB, function.Environment)
	}
	if _, found := got.Function("live-only"); !found {
		t.Error("got no function live-only, want the one whose condition holds")
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	function := func(properties string) string {
		return "Parameters:\n  Secret: {Type: String}\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: dist/fn/f\n      " + properties
	}
	for name, test := range map[string]struct{ source, want string }{
		"a reference to nothing":              {function("MemorySize: !Ref Missing"), `t.yaml:8: Ref "Missing"`},
		"a parameter without a value":         {function("MemorySize: !Ref Secret"), "t.yaml:8: parameter Secret"},
		"an attribute of nothing":             {function("Role: !GetAtt Missing.Arn"), "t.yaml:8: GetAtt"},
		"an unknown function":                 {function("Role: !ImportValue x"), "t.yaml:8: the function ImportValue"},
		"an unknown substitution":             {function("Role: !Sub 'a ${Missing}'"), `t.yaml:8: Ref "Missing"`},
		"a missing condition":                 {function("Timeout: !If [Missing, 1, 2]"), "t.yaml:8: there is no condition"},
		"a missing mapping":                   {function("Timeout: !FindInMap [A, b, c]"), "t.yaml:8: FindInMap"},
		"a wrong type":                        {function("Timeout: soon"), "t.yaml"},
		"a managed policy":                    {function("Policies: AmazonDynamoDBFullAccess"), "t.yaml:8: a policy is expected"},
		"a boundary that is no policy":        {function("PermissionsBoundary: !Ref Q\n  Q: {Type: AWS::SQS::Queue}"), "t.yaml:8: Q is no managed policy"},
		"a managed policy that is none":       {function("Policies: [!Ref Q]\n  Q: {Type: AWS::SQS::Queue}"), "t.yaml:8: Q is no managed policy"},
		"a managed policy without statements": {function("Policies: [!Ref P]\n  P: {Type: AWS::IAM::ManagedPolicy}"), "t.yaml:8: a policy is expected"},
		"a cron expression":                   {function("Events: {E: {Type: ScheduleV2, Properties: {ScheduleExpression: 'cron(0 0 * * ? *)'}}}"), "t.yaml:8: event E"},
		"an unknown authorizer": {
			function("Events: {E: {Type: HttpApi, Properties: {Method: GET, Path: /a, Auth: {Authorizer: Own}}}}"), "t.yaml:8: event E has the authorizer Own",
		},
		"an unknown trigger":                 {function("Events: {E: {Type: S3}}"), "t.yaml:8: event E"},
		"a path that ends in a slash":        {function("Events: {E: {Type: HttpApi, Properties: {Path: /a/, Method: GET}}}"), "t.yaml:8: event E has the path /a/, which ends in a slash"},
		"a path of no slash":                 {function("Events: {E: {Type: HttpApi, Properties: {Path: a, Method: GET}}}"), "does not begin with a slash"},
		"a path with an empty part":          {function("Events: {E: {Type: HttpApi, Properties: {Path: /a//b, Method: GET}}}"), "an empty part"},
		"a parameter without a name":         {function("Events: {E: {Type: HttpApi, Properties: {Path: '/a/{}', Method: GET}}}"), "no name"},
		"half a parameter":                   {function("Events: {E: {Type: HttpApi, Properties: {Path: '/a/{b', Method: GET}}}"), "neither a word nor a parameter"},
		"a greedy part before others":        {function("Events: {E: {Type: HttpApi, Properties: {Path: '/a/{b+}/c', Method: GET}}}"), "takes all that follows"},
		"a path without a method":            {function("Events: {E: {Type: HttpApi, Properties: {Path: /a}}}"), "t.yaml:8: event E"},
		"a condition that needs itself":      {"Conditions:\n  A: !Condition A\n" + function("Timeout: !If [A, 1, 2]"), `condition "A" needs itself`},
		"two functions of one name":          {function("Timeout: 1\n  G: {Type: AWS::Serverless::Function, Properties: {CodeUri: x/f}}"), "same CodeUri"},
		"a function without a folder":        {"Resources:\n  F: {Type: AWS::Serverless::Function}", "t.yaml:2: F has no CodeUri"},
		"a key whose attribute is undefined": {"Resources:\n  T: {Type: AWS::DynamoDB::Table, Properties: {KeySchema: [{AttributeName: PK, KeyType: HASH}]}}", "t.yaml:2: T has a key"},
		"text that is not YAML":              {"a: [", "t.yaml"},
		"an empty file":                      {"", "empty"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := template.Parse("t.yaml", []byte(test.source), nil)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want one with %q", err, test.want)
			}
		})
	}
	if _, err := template.Parse("t.yaml", []byte(whole), map[string]string{"Missing": "x"}); err == nil {
		t.Error("got no error for a value of an undeclared parameter")
	}
}

// project is the text of the project's own template.
func project(t *testing.T) (file, text string) {
	t.Helper()
	file, err := template.Find()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return file, string(raw)
}

// Whoever deploys must say where mails come from and who answers them.
func TestAddressesHaveNoDefault(t *testing.T) {
	t.Parallel()
	file, _ := project(t)
	given := map[string]string{}
	for _, name := range []string{"SenderAddress", "SupportAddress", "TableProtection"} {
		if _, err := template.Read(file, given); err == nil || !strings.Contains(err.Error(), "has no default and no value was given") {
			t.Errorf("without %s: got %v", name, err)
		}
		given[name] = "off@example.com"
	}
	if _, err := template.Read(file, given); err != nil {
		t.Error(err)
	}
	if _, err := template.ReadLocal(file, nil); err != nil {
		t.Errorf("a stack that is never deployed: %v", err)
	}
}

// What is kept when the stack goes is not kept of a deployment that never succeeded.
func TestAFailedFirstDeploymentLeavesNothing(t *testing.T) {
	t.Parallel()
	_, text := project(t)
	kept := 0
	for line := range strings.Lines(text) {
		switch policy, is := strings.CutPrefix(strings.TrimSpace(line), "DeletionPolicy: "); {
		case is && policy == "Retain":
			t.Error("a resource has the DeletionPolicy Retain, which also keeps it when its creation is taken back")
		case is && policy == "RetainExceptOnCreate":
			kept++
		}
		if strings.Contains(line, "DeletionProtectionEnabled: true") {
			t.Error("a table that refuses to be deleted always is not deleted when its creation is taken back")
		}
	}
	if kept != 2 {
		t.Errorf("%d resources stay when the stack goes, want the table and the key", kept)
	}
}
