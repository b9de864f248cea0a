package sandbox

import "encoding/xml"

// SampleBucket is the one bucket of a sandbox.
const SampleBucket = "anywhere-sandbox-sample"

// s3 is the one call that shows what a session may do.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html
func s3() *service {
	return &service{name: "s3", title: "s3", talk: restXML, pick: pickByRoute, operations: []operation{
		{name: "ListBuckets", route: "GET /", action: "s3:ListAllMyBuckets", do: listBuckets},
	}}
}

type bucketsAnswer struct {
	XMLName xml.Name    `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListAllMyBucketsResult"`
	OwnerID string      `xml:"Owner>ID"`
	Buckets []bucketXML `xml:"Buckets>Bucket"`
}

type bucketXML struct {
	Name         string `xml:"Name"`
	CreationDate string `xml:"CreationDate"`
	Region       string `xml:"BucketRegion"`
}

func listBuckets(c *call) (any, *refusal) {
	created := c.state.CreatedAt.UTC().Format("2006-01-02T15:04:05.000Z")
	return bucketsAnswer{OwnerID: hashHex([]byte(c.state.ID)), Buckets: []bucketXML{{SampleBucket, created, DefaultRegion}}}, nil
}
