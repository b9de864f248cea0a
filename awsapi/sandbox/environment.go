package sandbox

// Variable is one environment variable to set or, with Unset, to take away.
type Variable struct {
	Name, Value string
	Unset       bool
}

// Files are the sandbox's own AWS config and credentials files; the user's own
// are never touched.
type Files struct {
	Config, Credentials string
}

// Environment is what makes the AWS CLI and the SDKs use the sandbox at url with
// one of its AWS config profiles. Exported keys are taken away, since they would
// beat AWS_PROFILE.
func Environment(url, region, awsProfile string, files Files) []Variable {
	return append(endpoint(url, region),
		Variable{Name: "AWS_CONFIG_FILE", Value: files.Config},
		Variable{Name: "AWS_SHARED_CREDENTIALS_FILE", Value: files.Credentials},
		Variable{Name: "AWS_PROFILE", Value: awsProfile, Unset: awsProfile == ""}, // AWS CLIs refuse an empty name
		Variable{Name: "AWS_ACCESS_KEY_ID", Unset: true},
		Variable{Name: "AWS_SECRET_ACCESS_KEY", Unset: true},
		Variable{Name: "AWS_SESSION_TOKEN", Unset: true},
	)
}

// AdminEnvironment is what makes them use it with the administrator's keys.
func AdminEnvironment(url, region string, keys Keys, files Files) []Variable {
	return append(endpoint(url, region),
		Variable{Name: "AWS_CONFIG_FILE", Value: files.Config},
		Variable{Name: "AWS_SHARED_CREDENTIALS_FILE", Value: files.Credentials},
		Variable{Name: "AWS_ACCESS_KEY_ID", Value: keys.AccessKeyID},
		Variable{Name: "AWS_SECRET_ACCESS_KEY", Value: keys.SecretAccessKey},
		Variable{Name: "AWS_PROFILE", Unset: true},
		Variable{Name: "AWS_SESSION_TOKEN", Unset: true},
	)
}

// endpoint points at url. AWS CLIs before 1.30 and 2.13 do not know
// AWS_ENDPOINT_URL and would talk to AWS; they need --endpoint-url.
// Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
func endpoint(url, region string) []Variable {
	return []Variable{
		{Name: "AWS_ENDPOINT_URL", Value: url},
		{Name: "AWS_REGION", Value: region},
		{Name: "AWS_DEFAULT_REGION", Value: region}, // the AWS CLI version 1 reads only this
		{Name: "NO_PROXY", Value: "127.0.0.1"},
	}
}
