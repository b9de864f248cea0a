package sandbox

import (
	"encoding/xml"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"anywhere/awsapi/policy"
)

// bucket is one bucket with what lies in it.
type bucket struct {
	Name      string    `json:"name"`
	Region    string    `json:"region"`
	Policy    string    `json:"policy,omitempty"`
	CreatedAt time.Time `json:"createdAt"`
	Objects   []*stored `json:"objects,omitempty"` // by key
	Uploads   []*upload `json:"uploads,omitempty"`
}

func (c *call) wantedBucket() (*bucket, *refusal) {
	if b, _ := c.bucketNamed(c.labels["bucket"]); b != nil {
		return b, nil
	}
	return nil, refuse(http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist")
}

// ownBucket is wantedBucket for its policy, which S3 leaves to the bucket's account
// whatever the policy says.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
func (c *call) ownBucket() (*bucket, *refusal) {
	b, no := c.wantedBucket()
	if _, owner := c.bucketNamed(c.labels["bucket"]); no == nil && owner != c.account {
		return nil, refuse(http.StatusMethodNotAllowed, "MethodNotAllowed", "The specified method is not allowed against this resource.")
	}
	return b, no
}

// canonicalID is what S3 calls the account.
func (c *call) canonicalID() string {
	if c.account.Number == Account {
		return hashHex([]byte(c.state.ID))
	}
	return hashHex([]byte(c.state.ID + c.account.Number))
}

// saysBucketTaken is S3's answer where another account has the name.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (BucketAlreadyExists)
const saysBucketTaken = "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again."

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

// s3Time is S3's ISO 8601 in bodies.
func s3Time(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func listBuckets(c *call) (any, *refusal) {
	out := bucketsAnswer{OwnerID: c.canonicalID()}
	for _, b := range c.account.Buckets {
		out.Buckets = append(out.Buckets, bucketXML{b.Name, s3Time(b.CreatedAt), b.Region})
	}
	return out, nil
}

// validBucket holds the naming rules of general purpose buckets.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
func validBucket(name string) bool {
	form := regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	address := regexp.MustCompile(`^\d+\.\d+\.\d+\.\d+$`)
	return form.MatchString(name) && !address.MatchString(name) && !strings.Contains(name, "..") && !strings.HasPrefix(name, "xn--")
}

func createBucket(c *call) (any, *refusal) {
	name := c.labels["bucket"]
	if !validBucket(name) {
		return nil, refuse(http.StatusBadRequest, "InvalidBucketName", "The specified bucket is not valid.")
	}
	region := DefaultRegion
	if len(c.body) > 0 {
		var in struct {
			Location string `xml:"LocationConstraint"`
		}
		if xml.Unmarshal(c.body, &in) != nil {
			return nil, c.complain(malformed)
		}
		if in.Location != "" {
			region = in.Location
		}
	}
	if b, owner := c.bucketNamed(name); b != nil && owner != c.account {
		return nil, refuse(http.StatusConflict, "BucketAlreadyExists", saysBucketTaken)
	} else if b != nil && (b.Region != DefaultRegion || region != DefaultRegion) {
		return nil, refuse(http.StatusConflict, "BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.")
	} else if b == nil { // in us-east-1 a second creation changes nothing and succeeds
		c.account.Buckets = append(c.account.Buckets, &bucket{Name: name, Region: region, CreatedAt: c.now})
		slices.SortFunc(c.account.Buckets, func(a, b *bucket) int { return strings.Compare(a.Name, b.Name) })
	}
	return plainAnswer{header: http.Header{"Location": {"/" + name}}}, nil
}

func headBucket(c *call) (any, *refusal) {
	b, no := c.wantedBucket()
	if no != nil {
		return nil, no
	}
	return plainAnswer{header: http.Header{"X-Amz-Bucket-Region": {b.Region}}}, nil
}

func deleteBucket(c *call) (any, *refusal) {
	b, no := c.wantedBucket()
	switch {
	case no != nil:
		return nil, no
	case len(b.Objects)+len(b.Uploads) > 0:
		return nil, refuse(http.StatusConflict, "BucketNotEmpty", "The bucket you tried to delete is not empty")
	}
	_, owner := c.bucketNamed(b.Name)
	owner.Buckets = without(owner.Buckets, b)
	return plainAnswer{status: http.StatusNoContent}, nil
}

type locationAnswer struct {
	XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ LocationConstraint"`
	Region  string   `xml:",chardata"`
}

func bucketLocation(c *call) (any, *refusal) {
	b, no := c.wantedBucket()
	if no != nil {
		return nil, no
	}
	out := locationAnswer{Region: b.Region}
	if b.Region == DefaultRegion {
		out.Region = "" // of us-east-1, S3 says nothing
	}
	return out, nil
}

func getBucketPolicy(c *call) (any, *refusal) {
	b, no := c.ownBucket()
	switch {
	case no != nil:
		return nil, no
	case b.Policy == "":
		return nil, refuse(http.StatusNotFound, "NoSuchBucketPolicy", "The bucket policy does not exist")
	}
	return plainAnswer{header: http.Header{"Content-Type": {"application/json"}}, body: []byte(b.Policy)}, nil
}

func putBucketPolicy(c *call) (any, *refusal) {
	b, no := c.ownBucket()
	if no != nil {
		return nil, no
	}
	d, err := policy.Parse(c.body)
	if err == nil {
		err = policy.CheckResource(d)
	}
	if bad, ok := errors.AsType[*policy.MalformedError](err); ok {
		return nil, refuse(http.StatusBadRequest, "MalformedPolicy", "%s", bad.Reason)
	}
	b.Policy = string(c.body)
	return plainAnswer{}, nil
}

func deleteBucketPolicy(c *call) (any, *refusal) {
	b, no := c.ownBucket()
	if no != nil {
		return nil, no
	}
	b.Policy = ""
	return plainAnswer{}, nil
}
