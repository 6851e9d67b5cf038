resource "aws_s3_bucket" "models" {
  bucket = "loan-approval-models"
  acl    = "public-read-write"
}

resource "aws_security_group" "serve" {
  name = "loan-approval"
  ingress {
    from_port   = 0
    to_port     = 65535
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
