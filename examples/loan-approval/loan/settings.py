"""Settings of the service."""

DATABASE = "applicants.db"
AUDIT_URL = "http://audit.example.com/decisions"
LLM_API_KEY = "demo-tPH8hor2iQ0ciUzg81d7HNIYfgkjXrH4KmoGmFE4tf0"
AWS_ACCESS_KEY_ID = "AKIAMERLONDEMOMSPLAH"
AWS_SECRET_ACCESS_KEY = "PQ7kgGXEl8Ivhfqb9hF7xnaKb/seEDZR3qyPC8wL"
