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
      DefinitionBody:
        paths:
          /profile/{id}:
            get: {responses: {}, x-amazon-apigateway-integration: &leads {type: aws_proxy, httpMethod: POST, payloadFormatVersion: "2.0", credentials: !GetAtt Gateway.Arn, uri: !Sub "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${ProfileGetFunction.Arn}/invocations"}}
            x-amazon-apigateway-any-method: {security: [{AWS_IAM: []}], responses: {}, x-amazon-apigateway-integration: *leads}
            parameters: [{name: id, in: path, required: true}]
          /$default:
            x-amazon-apigateway-any-method: {isDefaultRoute: true, responses: {}, x-amazon-apigateway-integration: *leads}
      DefaultRouteSettings: {ThrottlingRateLimit: 500, ThrottlingBurstLimit: 1000}
      RouteSettings:
        "ANY /profile/{id}": {ThrottlingRateLimit: 0.5, ThrottlingBurstLimit: 2}
        $default: {ThrottlingRateLimit: 3, ThrottlingBurstLimit: 4}
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
      Role: !GetAtt ProfileRole.Arn
  MailDeliverFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: dist/fn/mail-deliver
      LoggingConfig: {LogGroup: !Ref MailLog}
      Role: !GetAtt MailRole.Arn
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
  Gateway:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Action: sts:AssumeRole, Principal: {Service: apigateway.amazonaws.com}}]}
  Invoking:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      Roles: [!Ref Gateway]
      PolicyDocument: {Statement: {Effect: Allow, Action: lambda:InvokeFunction, Resource: !GetAtt ProfileGetFunction.Arn}}
  MailRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Action: sts:AssumeRole, Principal: {Service: lambda.amazonaws.com}}]}
      Policies:
        - PolicyName: own
          PolicyDocument:
            Statement:
              - {Effect: Allow, Action: "logs:PutLogEvents", Resource: !GetAtt MailLog.Arn}
              - {Effect: Allow, Action: [dynamodb:DescribeStream, dynamodb:GetRecords, dynamodb:GetShardIterator], Resource: !GetAtt Table.StreamArn}
              - {Effect: Allow, Action: "sqs:SendMessage", Resource: !GetAtt DeadMail.Arn}
  ProfileRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Action: sts:AssumeRole, Principal: {Service: lambda.amazonaws.com}}]}
      ManagedPolicyArns: [!Ref Counting]
      Policies:
        - PolicyName: own
          PolicyDocument:
            Statement:
              - Effect: Allow
                Action: [dynamodb:GetItem, dynamodb:Query]
                Resource: [!GetAtt Table.Arn, !Sub "${Table.Arn}/index/due"]
        - PolicyName: mail
          PolicyDocument: {Statement: {Effect: Allow, Action: ses:SendEmail, Resource: "*"}}
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

// parsed is the meaning of a complete template.
var parsed = &template.Template{
	Functions: []template.Function{
		{
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
			Routes: []template.Route{
				{Method: "GET", Path: "/profile/{id}"},
				{Method: "ANY", Path: "/profile/{id}"},
				{Path: template.Default},
			},
			Signed: []template.Route{{Method: "ANY", Path: "/profile/{id}"}},
			Policy: []template.Statement{
				{
					Effect:    "Allow",
					Actions:   []string{"dynamodb:UpdateItem"},
					Resources: []string{"Table.Arn"},
					Condition: map[string]map[string][]string{
						"ForAllValues:StringLike": {
							"dynamodb:LeadingKeys": {"R#*"},
						},
						"Null": {"dynamodb:LeadingKeys": {"false"}},
					},
				},
				{
					Effect:    "Allow",
					Actions:   []string{"dynamodb:GetItem", "dynamodb:Query"},
					Resources: []string{"Table.Arn", "Table.Arn/index/due"},
				},
				{Effect: "Allow", Actions: []string{"ses:SendEmail"}, Resources: []string{"*"}},
			},
		},
		{
			LogicalID:   "MailDeliverFunction",
			Name:        "mail-deliver",
			CodeURI:     "dist/fn/mail-deliver",
			MemoryMB:    256,
			Timeout:     10 * time.Second,
			Environment: map[string]string{"TABLE_NAME": "Table", "GOMAXPROCS": "1"},
			LogGroup:    "MailLog",
			Policy: []template.Statement{
				{
					Effect:    "Allow",
					Actions:   []string{"logs:PutLogEvents"},
					Resources: []string{"MailLog.Arn"},
				},
				{
					Effect: "Allow",
					Actions: []string{
						"dynamodb:DescribeStream",
						"dynamodb:GetRecords",
						"dynamodb:GetShardIterator",
					},
					Resources: []string{"Table.StreamArn"},
				},
				{
					Effect:    "Allow",
					Actions:   []string{"sqs:SendMessage"},
					Resources: []string{"DeadMail.Arn"},
				},
			},
			Schedules: []template.Schedule{
				{Every: time.Minute, Enabled: true},
				{Every: 2 * time.Hour},
			},
			Streams: []template.Stream{{
				BatchSize:                  10,
				MaximumRetryAttempts:       3,
				BisectBatchOnFunctionError: true,
				ReportBatchItemFailures:    true,
				Filters:                    []string{`{"eventName":["INSERT"]}`},
				OnFailure:                  "DeadMail",
				Enabled:                    true,
			}},
		},
	},
	Table: template.Table{
		LogicalID:  "Table",
		Attributes: map[string]string{"PK": "S", "SK": "S", "duePK": "S", "dueSK": "S"},
		Key:        template.Key{Partition: "PK", Sort: "SK"},
		Indexes: []template.Index{
			{
				Name:       "due",
				Key:        template.Key{Partition: "duePK", Sort: "dueSK"},
				Projection: "KEYS_ONLY",
			},
		},
		TTLAttribute: "ttl",
		StreamView:   "NEW_AND_OLD_IMAGES",
	},
	API: template.API{
		LogicalID: "Api", FailOnWarnings: true,
		Throttle: template.Throttle{Rate: 500, Burst: 1000},
		Throttles: map[string]template.Throttle{
			"ANY /profile/{id}": {Rate: 0.5, Burst: 2}, template.Default: {Rate: 3, Burst: 4},
		}, CORS: &template.CORS{
			AllowOrigins: []string{"https://a.example", "https://b.example"},
			AllowMethods: []string{"GET", "POST"},
			MaxAge:       600,
		},
	},
	Queues: []string{"DeadMail"},
}

func TestParse(t *testing.T) {
	t.Parallel()
	got, err := template.Parse(
		"template.yaml",
		[]byte(whole),
		map[string]string{"Sender": "hello@example.com"},
	)
	if err != nil {
		t.Fatal(err)
	}
	for i := range got.Functions {
		got.Functions[i].Line = 0
	}
	if !reflect.DeepEqual(got, parsed) {
		t.Errorf("got\n%+v\nwant\n%+v", got, parsed)
	}
}

func TestParseOverridesChooseConditions(t *testing.T) {
	t.Parallel()
	got, err := template.Parse("template.yaml", []byte(whole), map[string]string{"Stage": "live"})
	if err != nil {
		t.Fatal(err)
	}
	function, _ := got.Function("profile-get")
	if function.MemoryMB != 1024 || function.Environment["LEVEL"] != "info" ||
		function.Environment["NOTHING"] != "x" {
		t.Errorf(
			"got %d MB and %v, want the values of the stage live",
			function.MemoryMB,
			function.Environment,
		)
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
	trusts := func(service string) string {
		return "AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Action: sts:AssumeRole, Principal: {Service: " + service + ".amazonaws.com}}]}"
	}
	role := func(properties string) string {
		return function(
			"Role: !GetAtt R.Arn\n  R:\n    Type: AWS::IAM::Role\n    Properties:\n      " + trusts(
				"lambda",
			) + "\n      " + properties,
		)
	}
	// allowed is a function that has more properties, and whose role has one
	// more statement.
	allowed := func(action, resource, properties string) string {
		return strings.Replace(
			role(
				"Policies: [{PolicyDocument: {Statement: {Effect: Allow, Action: ["+action+"], Resource: "+resource+"}}}]\n  Q: {Type: AWS::SQS::Queue}\n  T: {Type: AWS::DynamoDB::Table}",
			),
			"Role:",
			properties+"\n      Role:",
			1,
		)
	}
	const (
		invoked = "EventInvokeConfig: {DestinationConfig: {OnFailure: {Type: SQS, Destination: !GetAtt Q.Arn}}}"
		follows = "Events: {E: {Type: DynamoDB, Properties: {Stream: !GetAtt T.StreamArn, DestinationConfig: {OnFailure: {Type: SQS, Destination: !GetAtt Q.Arn}}}}}"
		reads   = "dynamodb:DescribeStream, dynamodb:GetRecords, dynamodb:GetShardIterator"
	)
	schedule := func(service, action, resource string) string {
		return function(
			"Events: {E: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 minute), RoleArn: !GetAtt R.Arn, DeadLetterConfig: {Arn: !GetAtt Q.Arn}}}}\n" +
				"  Q: {Type: AWS::SQS::Queue}\n  R:\n    Type: AWS::IAM::Role\n    Properties:\n      " + trusts(
				service,
			) + "\n      Policies: [{PolicyDocument: {Statement: {Effect: Allow, Action: " + action +
				", Resource: " + resource + "}}}]",
		)
	}
	const leads = `responses: {}, x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, payloadFormatVersion: "2.0", credentials: !GetAtt G.Arn, ` +
		`uri: !Sub "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations"}`
	api := func(path string) string {
		return function(
			"Timeout: 1\n  H: {Type: AWS::Serverless::Function, Properties: {CodeUri: x/h}}\n  G: {Type: AWS::IAM::Role, Properties: {" + trusts(
				"apigateway",
			) + ", Policies: [{PolicyDocument: {Statement: " +
				"{Effect: Allow, Action: lambda:InvokeFunction, Resource: !GetAtt F.Arn}}}]}}\n  A:\n    Type: AWS::Serverless::HttpApi\n    Properties:\n      DefinitionBody: {paths: {" + path + "}}",
		)
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
		"a role of another template":          {function("Role: arn:aws:iam::000000000000:role/x"), "t.yaml:8: arn:aws:iam::000000000000:role/x is no role"},
		"a role that is none":                 {function("Role: !GetAtt Q.Arn\n  Q: {Type: AWS::SQS::Queue}"), "t.yaml:8: Q.Arn is no role"},
		"a managed policy of AWS":             {role("ManagedPolicyArns: ['arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess']"), "a policy is expected"},
		"a managed policy that is none":       {role("ManagedPolicyArns: [!Ref Q]\n  Q: {Type: AWS::SQS::Queue}"), "Q is no managed policy"},
		"a managed policy without statements": {role("ManagedPolicyArns: [!Ref P]\n  P: {Type: AWS::IAM::ManagedPolicy}"), "a policy is expected"},
		"a policy without statements":         {role("Policies: [{PolicyName: own, PolicyDocument: {}}]"), "a policy is expected"},
		"a cron expression":                   {function("Events: {E: {Type: ScheduleV2, Properties: {ScheduleExpression: 'cron(0 0 * * ? *)'}}}"), "t.yaml:8: event E"},
		"an unknown trigger":                  {function("Events: {E: {Type: S3}}"), "t.yaml:8: event E"},
		"a schedule by a role that may not":   {schedule("scheduler", "lambda:InvokeFunction", "!GetAtt Q.Arn"), "R.Arn may not invoke F"},
		"a schedule by another's role":        {schedule("lambda", "lambda:InvokeFunction", "!GetAtt F.Arn"), "R is not for scheduler.amazonaws.com alone"},
		"a schedule that loses what fails":    {schedule("scheduler", "lambda:InvokeFunction", "!GetAtt F.Arn"), "R.Arn may not send to Q.Arn"},
		"a function by another's role":        {strings.Replace(role("Path: /"), "lambda.", "scheduler.", 1), "R is not for lambda.amazonaws.com alone"},
		"a role that anybody may assume":      {strings.Replace(role("Path: /"), "{Service: lambda.amazonaws.com}", "'*'", 1), "t.yaml"},
		"a bounded role":                      {role("PermissionsBoundary: !Ref P\n  P: {Type: AWS::IAM::ManagedPolicy}"), "R has a boundary"},
		"a bounded function":                  {function("PermissionsBoundary: !Ref P\n  P: {Type: AWS::IAM::ManagedPolicy}"), "t.yaml:4: F has PermissionsBoundary"},
		"policies of a function":              {function("Policies: AmazonDynamoDBFullAccess"), "t.yaml:4: F has Policies"},
		"a failure that may not be kept":      {allowed("sqs:SendMessage", "!GetAtt T.Arn", invoked), "the role of F may not sqs:SendMessage on Q.Arn"},
		"a stream that may not be read":       {allowed("dynamodb:GetRecords, sqs:SendMessage", "[!GetAtt T.StreamArn, !GetAtt Q.Arn]", follows), "the role of F may not dynamodb:DescribeStream on T.StreamArn"},
		"a record that may not be kept":       {allowed(reads, "!GetAtt T.StreamArn", follows), "the role of F may not sqs:SendMessage on Q.Arn"},
		"an unknown authorizer":               {api("/a: {get: {security: [{Own: []}], " + leads + "}}"), "get /a has an authorizer that is not understood"},
		"an integration without a role":       {api("/a: {get: {" + strings.Replace(leads, ", credentials: !GetAtt G.Arn", "", 1) + "}}"), "has no credentials"},
		"a role that may not invoke it":       {api("/a: {get: {" + strings.Replace(leads, "functions/${F.Arn}", "functions/${H.Arn}", 1) + "}}"), "G.Arn may not invoke H"},
		"an older format":                     {api("/a: {get: {" + strings.Replace(leads, "2.0", "1.0", 1) + "}}"), "get /a leads to no function"},
		"another address":                     {api("/a: {get: {" + strings.Replace(leads, "invocations", "aliases", 1) + "}}"), "get /a leads to no function"},
		"no word of responses":                {api("/a: {get: {" + strings.Replace(leads, "responses: {}, ", "", 1) + "}}"), "get /a says nothing of responses"},
		"a parameter that is not declared":    {api("'/a/{b}': {parameters: [{name: c, in: path, required: true}], get: {" + leads + "}}"), "/a/{b} has the parameter {b}, which is not declared"},
		"a parameter that may be left out":    {api("'/a/{b}': {parameters: [{name: b, in: path}], get: {" + leads + "}}"), "/a/{b} has the parameter {b}, which is not declared"},
		"a path that ends in a slash":         {api("/a/: {get: {" + leads + "}}"), "the path /a/, which ends in a slash"},
		"a path of no slash":                  {api("a: {get: {" + leads + "}}"), "does not begin with a slash"},
		"a path with an empty part":           {api("/a//b: {get: {" + leads + "}}"), "an empty part"},
		"a parameter without a name":          {api("'/a/{}': {get: {" + leads + "}}"), "no name"},
		"half a parameter":                    {api("'/a/{b': {get: {" + leads + "}}"), "neither a word nor a parameter"},
		"a greedy part before others":         {api("'/a/{b+}/c': {get: {" + leads + "}}"), "takes all that follows"},
		"a default route of another path":     {api("/a: {get: {isDefaultRoute: true, " + leads + "}}"), "$default is the default route"},
		"a limit of no route":                 {api("/a: {get: {" + leads + "}}}}\n      RouteSettings: {'GET /b': {ThrottlingRateLimit: 1"), "RouteSettings has GET /b, which is no route"},
		"a condition that needs itself":       {"Conditions:\n  A: !Condition A\n" + function("Timeout: !If [A, 1, 2]"), `condition "A" needs itself`},
		"two functions of one name":           {function("Timeout: 1\n  G: {Type: AWS::Serverless::Function, Properties: {CodeUri: x/f}}"), "same CodeUri"},
		"a function without a folder":         {"Resources:\n  F: {Type: AWS::Serverless::Function}", "t.yaml:2: F has no CodeUri"},
		"a key whose attribute is undefined":  {"Resources:\n  T: {Type: AWS::DynamoDB::Table, Properties: {KeySchema: [{AttributeName: PK, KeyType: HASH}]}}", "t.yaml:2: T has a key"},
		"text that is not YAML":               {"a: [", "t.yaml"},
		"an empty file":                       {"", "empty"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := template.Parse("t.yaml", []byte(test.source), nil)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want one with %q", err, test.want)
			}
		})
	}
	_, err := template.Parse("t.yaml", []byte(whole), map[string]string{"Missing": "x"})
	if err == nil {
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

// A deployment must name the sender of mails and the address of support.
func TestAddressesHaveNoDefault(t *testing.T) {
	t.Parallel()
	file, _ := project(t)
	given := map[string]string{}
	for _, name := range []string{"SenderAddress", "SupportAddress", "TableProtection"} {
		if _, err := template.Read(file, given); err == nil ||
			!strings.Contains(err.Error(), "has no default and no value was given") {
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

// Resources that stay when a stack is deleted are still removed after a first
// deployment that failed.
func TestAFailedFirstDeploymentLeavesNothing(t *testing.T) {
	t.Parallel()
	_, text := project(t)
	kept := 0
	for line := range strings.Lines(text) {
		switch policy, is := strings.CutPrefix(strings.TrimSpace(line), "DeletionPolicy: "); {
		case is && policy == "Retain":
			t.Error(
				"a resource has the DeletionPolicy Retain, which also keeps it when its creation is taken back",
			)
		case is && policy == "RetainExceptOnCreate":
			kept++
		}
		if strings.Contains(line, "DeletionProtectionEnabled: true") {
			t.Error(
				"a table that refuses to be deleted always is not deleted when its creation is taken back",
			)
		}
	}
	if kept != 2 {
		t.Errorf("%d resources stay when the stack goes, want the table and the key", kept)
	}
}
