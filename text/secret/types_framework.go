package secret

// namedTypes: keys of frameworks.
var namedTypes = []Type{
	{ID: "django-secret-key", Provider: "Django", Title: "SECRET_KEY", Severity: medium, Pattern: `django-insecure-[A-Za-z0-9!@#$%^&*(_=+)-]{50}`,
		Rotate: "https://docs.djangoproject.com/en/stable/ref/settings/#secret-key"},
	{ID: "rails-secret-key-base", Provider: "Rails", Title: "secret_key_base", Severity: high, Pattern: `[0-9a-f]{128}`, Near: "secret_key_base secretkeybase",
		Rotate: "https://guides.rubyonrails.org/security.html"},
	{ID: "rails-master-key", Provider: "Rails", Title: "master key", Severity: critical, Pattern: `[0-9a-f]{32}`, Near: "rails_master rails-master",
		Rotate: "https://guides.rubyonrails.org/security.html"},
	{ID: "laravel-app-key", Provider: "Laravel", Title: "APP_KEY", Severity: high, Pattern: `base64:[A-Za-z0-9+/]{43}=`,
		Rotate: "https://laravel.com/docs/encryption"},
	{ID: "fernet-key", Provider: "Fernet", Title: "encryption key", Severity: high, Pattern: `[A-Za-z0-9_-]{43}=`, Near: "fernet",
		Rotate: "https://cryptography.io/en/latest/fernet/"},
	{ID: "nextauth-secret", Provider: "Auth.js", Title: "AUTH_SECRET", Severity: high, Pattern: `[A-Za-z0-9+/]{43}=`, Near: "nextauth auth_secret authjs",
		Rotate: "https://authjs.dev/reference/core/errors#missingsecret"},
	{ID: "jupyter-token", Provider: "Jupyter", Title: "server token", Severity: high, Pattern: `[0-9a-f]{48}`, Near: "jupyter",
		Rotate: "https://jupyter-server.readthedocs.io/en/latest/operators/security.html"},
	{ID: "mlflow-token", Provider: "MLflow", Title: "tracking token", Severity: high, Pattern: `[A-Za-z0-9_-]{32,64}`, Near: "mlflow_tracking_token mlflow-token",
		Rotate: "https://mlflow.org/docs/latest/auth/"},
}
