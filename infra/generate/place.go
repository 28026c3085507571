package main

// Where the table and the secret are, in the template: those that the stack
// makes, or those that its parameters name.
const (
	tableName = "!If [MakesTable, !Ref Table, !Ref ExistingTable]"
	tableARN  = "!If [MakesTable, !GetAtt Table.Arn, " +
		"!Sub \"arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${ExistingTable}\"]"
	tableStream = "!If [MakesTable, !GetAtt Table.StreamArn, !Ref ExistingStream]"
	// streamRight is what may be read of it: a parameter that is empty by
	// default is no resource of a policy.
	streamRight = "!If [MakesTable, !GetAtt Table.StreamArn, " +
		"!Sub \"arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${ExistingTable}/stream/*\"]"
	secretARN = "!If [MakesSecret, !Ref SecretKey, !Ref ExistingSecret]"
)

// below is what is below the table, as its index.
func below(path string) string {
	return "!Sub [\"${Table}/" + path + "\", {Table: " + tableARN + "}]"
}
