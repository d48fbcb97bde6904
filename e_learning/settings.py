"""One settings module, read from the environment.

With no variable set this is the embedded default: everything in one process and one folder
(``DATA_DIR``). With ``DATABASE_URL``, ``REDIS_URL``, ``AWS_STORAGE_BUCKET_NAME`` and so on the
same code is the production shape. Every variable is explained in ``docs/configuration.md``.
"""

from datetime import timedelta
from pathlib import Path
from secrets import token_urlsafe

import environ
from django.utils.translation import gettext_lazy as _

from e_learning.core.secret import kept_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(env.str("ENV_FILE", default=str(BASE_DIR / ".env")))

# --- what this process is -----------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
PRODUCTION = env.str("ENVIRONMENT", default="embedded") == "production"
#: "embedded" serves everything from one process; "http", "sockets" and "worker" are parts of a larger whole;
#: "command" is any other use of manage.py.
PROCESS_KIND = env.str("PROCESS_KIND", default="command")
WEB_CONCURRENCY = env.int("WEB_CONCURRENCY", default=1)
#: Threads a process under Granian: a commit that waits for the disk must not hold up the others.
HTTP_THREADS = env.int("HTTP_THREADS", default=16)

DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)

#: Secrets that were ever printed in this repository: production refuses them (check core.E001).
SHIPPED_SECRETS = ("change-me", "insecure-build-only-key")
_given_secret = env.str("SECRET_KEY", default="")
#: Production has to be given its secret. Without one it gets a key that nobody knows, because Django ends with a
#: traceback on an empty one; check core.E001 then says what is missing.
SECRET_KEY_MISSING = PRODUCTION and not _given_secret
SECRET_KEY = _given_secret or (token_urlsafe(64) if PRODUCTION else kept_secret_key(DATA_DIR / "secret_key"))
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

HOST = env.str("HOST", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
_own_host = "127.0.0.1" if HOST == "0.0.0.0" else HOST  # noqa: S104 - compared, not bound
#: The address people reach the platform at: links in mail and signed media addresses begin with it.
PUBLIC_URL = env.str("PUBLIC_URL", default=f"http://{_own_host}:{PORT}").rstrip("/")
_local_hosts = ["*"] if HOST == "0.0.0.0" and not PRODUCTION else ["localhost", "127.0.0.1", "[::1]", HOST]  # noqa: S104 - compared, not bound
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=_local_hosts)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[PUBLIC_URL])
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_EXPOSE_HEADERS = ["ETag", "Retry-After", "X-Request-ID"]
CORS_ALLOW_HEADERS = [
    "accept",
    "accept-language",
    "authorization",
    "content-type",
    "idempotency-key",
    "if-none-match",
    "x-request-id",
]
#: How many proxies of ours stand in front: the client's address is read so many places from the right of
#: X-Forwarded-For.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)

# --- applications -------------------------------------------------------------------------------
INSTALLED_APPS = [
    "daphne",
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "channels",
    "e_learning.core",
    "e_learning",
    "accounts",
    "courses",
    "payments",
    "attendance",
    "chatbot",
    "community",
]

MIDDLEWARE = [
    "e_learning.core.middleware.RequestContextMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    *(["corsheaders.middleware.CorsMiddleware"] if CORS_ALLOWED_ORIGINS else []),
    "e_learning.core.api.lane.HotLaneMiddleware",
    # Sessions, CSRF and messages serve the browser pages; a Bearer API needs none of them and would pay for them.
    "e_learning.core.middleware.PageSessionMiddleware",
    "e_learning.core.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "e_learning.core.middleware.PageCsrfMiddleware",
    "e_learning.core.middleware.PageAuthenticationMiddleware",
    "e_learning.core.middleware.PageMessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "e_learning.urls"
WSGI_APPLICATION = "e_learning.wsgi.application"
ASGI_APPLICATION = "e_learning.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "e_learning" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- database -----------------------------------------------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'db.sqlite3'}")}
_database = DATABASES["default"]
IS_SQLITE = _database["ENGINE"] == "django.db.backends.sqlite3"
if IS_SQLITE:
    # WAL lets readers go on beside the one writer; IMMEDIATE takes the write lock at BEGIN, so that two
    # transactions that read before they write queue up instead of failing with "database is locked".
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;",
    }
    _database["TEST"] = {"NAME": str(DATA_DIR / "test_db.sqlite3")}
else:
    _database["ENGINE"] = "e_learning.core.postgresql"
    _database["OPTIONS"] = {
        **_database.get("OPTIONS", {}),
        # Kept, prepared statements with parameters bound by the server: measured in docs/decisions/0003.
        "server_side_binding": True,
        "prepare_threshold": 2,
    }
    if PROCESS_KIND in {"embedded", "sockets"}:
        # Each request under ASGI may run in another thread: connections are kept by a pool, not by the thread.
        _database["CONN_MAX_AGE"] = 0
        _database["OPTIONS"]["pool"] = {
            "min_size": 1,
            "max_size": env.int("DATABASE_POOL_SIZE", default=16),
            "timeout": 10,
        }
    elif PROCESS_KIND == "http":
        # Under WSGI a thread is the same from request to request and keeps its connection.
        _database["CONN_MAX_AGE"] = None
        _database["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- cache, channel layer, tasks ----------------------------------------------------------------
REDIS_URL = env.str("REDIS_URL", default="")
#: What is published in Redis is heard in all of its databases: two schools on one Redis need two prefixes.
REDIS_PREFIX = env.str("REDIS_PREFIX", default="el")
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": REDIS_PREFIX,
            # A cache that hangs must be as good as one that is away, or every request would hang with it.
            "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
        }
    }
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [REDIS_URL], "prefix": REDIS_PREFIX},
        }
    }
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            # Counters of limits live here too: the default of 300 entries would let a flood of keys evict them.
            "OPTIONS": {"MAX_ENTRIES": 100_000},
        }
    }
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default=REDIS_URL or "memory://embedded")
#: With a memory broker the worker and beat are threads of the server process (e_learning/embedded.py).
EMBEDDED_WORKER = CELERY_BROKER_URL.startswith("memory://")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"polling_interval": 0.1}
    if EMBEDDED_WORKER
    # A broker that is away must not hold up the request that wakes a task: one more try at once, then the sweep has it.
    else {"socket_timeout": 10, "socket_connect_timeout": 2, "max_retries": 1, "interval_start": 0}
)

# --- people -------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.CustomUser"
AUTHENTICATION_BACKENDS = ["accounts.signin.backends.LimitedBackend"]
PASSWORD_HASHERS = ["accounts.signin.hashers.BoundedArgon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "accounts.users.passwords.NotTheDemoPassword"},
]
LOGIN_URL = "/admin/login/"
LOGIN_REDIRECT_URL = "/admin/"

ACCESS_TOKEN_SECONDS = env.int("ACCESS_TOKEN_SECONDS", default=3600)
REFRESH_TOKEN_SECONDS = env.int("REFRESH_TOKEN_SECONDS", default=30 * 24 * 3600)
#: A client whose refresh answer was lost may ask again with the same token for so long.
REFRESH_GRACE_SECONDS = env.int("REFRESH_GRACE_SECONDS", default=10)
PASSWORD_RESET_TIMEOUT = env.int("PASSWORD_RESET_TIMEOUT", default=3600)
EMAIL_VERIFICATION_SECONDS = env.int("EMAIL_VERIFICATION_SECONDS", default=3 * 24 * 3600)
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(seconds=ACCESS_TOKEN_SECONDS),
    "REFRESH_TOKEN_LIFETIME": timedelta(seconds=REFRESH_TOKEN_SECONDS),
    "ALGORITHM": "HS256",
    "SIGNING_KEY": env.str("JWT_SIGNING_KEY", default="") or SECRET_KEY,
    "USER_ID_CLAIM": "user_id",
}

# --- the API ------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.signin.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["e_learning.core.api.permissions.NobodyUnlessSaid"],
    "DEFAULT_PARSER_CLASSES": ["e_learning.core.api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["e_learning.core.api.renderers.FastJSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "e_learning.core.api.negotiation.JSONAlways",
    "DEFAULT_THROTTLE_CLASSES": ["e_learning.core.api.throttles.CallerThrottle"],
    "DEFAULT_PAGINATION_CLASS": "e_learning.core.api.pagination.TablePagination",
    "DEFAULT_SCHEMA_CLASS": "e_learning.core.api.schema.ContractAutoSchema",
    "EXCEPTION_HANDLER": "e_learning.core.api.errors.drf_exception_handler",
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
#: ``count/seconds``; the defaults are the contract's (docs: API §1).
LIMITS = {
    "user": env.str("LIMIT_USER", default="1000/3600"),
    "address": env.str("LIMIT_ADDRESS", default="2000/3600"),
    "login_account": env.str("LIMIT_LOGIN_ACCOUNT", default="5/900"),
    "login_address": env.str("LIMIT_LOGIN_ADDRESS", default="100/900"),
    "register": env.str("LIMIT_REGISTER", default="30/3600"),
    "reset": env.str("LIMIT_RESET", default="10/3600"),
    "chat": env.str("LIMIT_CHAT", default="30/10"),
    "frames": env.str("LIMIT_FRAMES", default="100/10"),
    "check_in": env.str("LIMIT_CHECK_IN", default="5/60"),
}
SPECTACULAR_SETTINGS = {
    "TITLE": "E-learning platform",
    "DESCRIPTION": "Learn, take quizzes, keep your progress. Errors have one shape everywhere; see the Error schema.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": r"/api/[a-z]+",
    "AUTHENTICATION_WHITELIST": ["accounts.signin.authentication.BearerAuthentication"],
    "PATH_CONVERTER_OVERRIDES": {"id": {"type": "integer", "format": "int64", "minimum": 1}},
    "ENUM_NAME_OVERRIDES": {
        "RoleEnum": "accounts.users.models.Role",
        "CommunityRoleEnum": "community.groups.models.Membership.Role",
        "MediaStatusEnum": ["pending", "processing", "ready", "failed"],
        "AttendanceEventEnum": "attendance.models.register.AttendanceEvent.Kind",
        "AttendanceStatusEnum": "attendance.models.register.Status",
        "DraftStatusEnum": "chatbot.generation.models.Draft.Status",
        "ExcuseStateEnum": "attendance.models.register.Excuse.State",
        "JobKindEnum": "chatbot.generation.models.Job.Kind",
        "JobStatusEnum": "chatbot.generation.models.Job.Status",
        "LiveSessionKindEnum": "attendance.models.sessions.LiveSession.Kind",
        "LiveSessionStatusEnum": "attendance.models.sessions.LiveSession.State",
        "AttemptStatusEnum": "courses.assessment.models.QuizAttempt.Status",
        "PaymentStatusEnum": "payments.orders.models.Payment.Status",
        "PostStatusEnum": "community.posts.models.Post.Status",
        "ReactionEnum": "community.posts.models.Reaction.Kind",
        "RefundStatusEnum": "payments.refunds.models.RefundRequest.Status",
        "SubscriptionStatusEnum": "payments.subscriptions.models.Subscription.Status",
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = env.int("MAX_BODY_BYTES", default=2 * 1024 * 1024)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# --- mail ---------------------------------------------------------------------------------------
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="E-learning <no-reply@localhost>")

# --- files --------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(DATA_DIR / "static")))
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
#: For how long a signed media address is good.
MEDIA_ADDRESS_SECONDS = env.int("MEDIA_ADDRESS_SECONDS", default=3600)
#: What an upload may be at most; an image is also held to its pixels before it is decoded.
UPLOAD_MAX_IMAGE_BYTES = env.int("UPLOAD_MAX_IMAGE_BYTES", default=10 * 1024 * 1024)
UPLOAD_MAX_IMAGE_PIXELS = env.int("UPLOAD_MAX_IMAGE_PIXELS", default=40_000_000)
UPLOAD_MAX_DOCUMENT_BYTES = env.int("UPLOAD_MAX_DOCUMENT_BYTES", default=25 * 1024 * 1024)
UPLOAD_MAX_VIDEO_BYTES = env.int("UPLOAD_MAX_VIDEO_BYTES", default=200 * 1024 * 1024)
#: Straight from the packages too, where nothing was collected: a fresh checkout serves its admin at once.
WHITENOISE_USE_FINDERS = True
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
AWS_STORAGE_BUCKET_NAME = env.str("AWS_STORAGE_BUCKET_NAME", default="")
AWS_S3_OPTIONS = {
    "bucket_name": AWS_STORAGE_BUCKET_NAME,
    "access_key": env.str("AWS_ACCESS_KEY_ID", default="") or None,
    "secret_key": env.str("AWS_SECRET_ACCESS_KEY", default="") or None,
    "endpoint_url": env.str("AWS_S3_ENDPOINT_URL", default="") or None,
    "region_name": env.str("AWS_S3_REGION_NAME", default="") or None,
    "signature_version": "s3v4",
    "addressing_style": env.str("AWS_S3_ADDRESSING_STYLE", default="auto"),
    "file_overwrite": False,
    "default_acl": None,
}
_static = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
if AWS_STORAGE_BUCKET_NAME:
    _s3 = "e_learning.core.bucket.BucketStorage"
    STORAGES = {
        "default": {
            "BACKEND": _s3,
            "OPTIONS": {**AWS_S3_OPTIONS, "location": "private", "querystring_expire": MEDIA_ADDRESS_SECONDS},
        },
        "public": {"BACKEND": _s3, "OPTIONS": {**AWS_S3_OPTIONS, "location": "public", "querystring_auth": False}},
        "staticfiles": _static,
    }
else:
    STORAGES = {
        "default": {"BACKEND": "e_learning.core.storage.SignedFolderStorage"},
        "public": {"BACKEND": "e_learning.core.storage.PublicFolderStorage"},
        "staticfiles": _static,
    }

# --- learning -----------------------------------------------------------------------------------
#: So many days before an enrolment ends its learner is told.
ENROLLMENT_NOTICE_DAYS = env.int("ENROLLMENT_NOTICE_DAYS", default=7)

# --- talk ---------------------------------------------------------------------------------------
#: Key of a Firebase service account (a JSON file). Without it nothing is pushed to devices.
FCM_SERVICE_ACCOUNT_FILE = env.str("FCM_SERVICE_ACCOUNT_FILE", default="")
FCM_BASE_URL = env.str("FCM_BASE_URL", default="https://fcm.googleapis.com").rstrip("/")
#: The hour of the day, in each user's own time zone, from which the daily digest is mailed.
DIGEST_HOUR = env.int("DIGEST_HOUR", default=18)
#: Whoever wants mail at once gets at most one in so many minutes; what happens between goes into the next.
INSTANT_MAIL_MINUTES = env.int("INSTANT_MAIL_MINUTES", default=10)

# --- the tutor ----------------------------------------------------------------------------------
#: Models in the order in which they are asked, each at the address and with the key of the same place in its list (the
#: last of a shorter list serves the rest). Without a model answers are extracts of the course, made here.
AI_MODELS = env.list("AI_MODELS", default=[])
AI_BASE_URLS = env.list("AI_BASE_URLS", default=["https://api.openai.com/v1"])
AI_API_KEYS = env.list("AI_API_KEYS", default=[])
AI_TIMEOUT_SECONDS = env.float("AI_TIMEOUT_SECONDS", default=30.0)
#: Price of a million tokens read and written, for each model as above.
AI_PRICES_READ = [float(price) for price in env.list("AI_PRICES_READ", default=["0"])]
AI_PRICES_WRITTEN = [float(price) for price in env.list("AI_PRICES_WRITTEN", default=["0"])]
#: Finding by meaning beside words: "wordllama" (requirements-ai.txt), or a model of an OpenAI-compatible server: where
#: no address is given the first of AI_BASE_URLS, with its key.
AI_EMBEDDING_MODEL = env.str("AI_EMBEDDING_MODEL", default="")
AI_EMBEDDING_BASE_URL = env.str("AI_EMBEDDING_BASE_URL", default="")
AI_EMBEDDING_API_KEY = env.str("AI_EMBEDDING_API_KEY", default="")
AI_EMBEDDING_PRICE = env.float("AI_EMBEDDING_PRICE", default=0.0)
#: The cosine from which a passage means nearly what was asked. Measured for wordllama (docs/tutor.md); each model has
#: its own scale, so by any other none does until this is set: no cosine is greater than 1.
AI_EMBEDDING_CLOSE = env.float("AI_EMBEDDING_CLOSE", default=0.37 if AI_EMBEDDING_MODEL == "wordllama" else 2.0)
TUTOR_MESSAGES_A_DAY = env.int("TUTOR_MESSAGES_A_DAY", default=100)
TUTOR_TOKENS_A_DAY = env.int("TUTOR_TOKENS_A_DAY", default=200_000)

# --- money --------------------------------------------------------------------------------------
#: With no key the sandbox plays Razorpay: the same objects, signatures and webhooks, and no money.
RAZORPAY_KEY_ID = env.str("RAZORPAY_KEY_ID", default="")
RAZORPAY_KEY_SECRET = env.str("RAZORPAY_KEY_SECRET", default="")
RAZORPAY_WEBHOOK_SECRET = env.str("RAZORPAY_WEBHOOK_SECRET", default="")
#: After a change of the secret, Razorpay signs retries of older events with the old one.
RAZORPAY_WEBHOOK_SECRET_PREVIOUS = env.str("RAZORPAY_WEBHOOK_SECRET_PREVIOUS", default="")
#: Without ``/v1``.
RAZORPAY_BASE_URL = env.str("RAZORPAY_BASE_URL", default="https://api.razorpay.com").rstrip("/")
#: How long one read of Razorpay's answer may take.
RAZORPAY_TIMEOUT_SECONDS = env.float("RAZORPAY_TIMEOUT_SECONDS", default=10.0)
#: ``acc_…``: events of another account are kept and change nothing. Empty: any account that knows the secret.
RAZORPAY_ACCOUNT_ID = env.str("RAZORPAY_ACCOUNT_ID", default="")
#: Where the sandbox delivers its webhooks: this process itself.
SANDBOX_WEBHOOK_URL = env.str(
    "SANDBOX_WEBHOOK_URL", default=f"http://{_own_host}:{PORT}/api/payments/webhooks/razorpay/"
)
#: For so many minutes an order is handed out again and holds its coupon; a later payment of it counts all the same.
PAYMENT_ORDER_MINUTES = env.int("PAYMENT_ORDER_MINUTES", default=30)
#: For so many days the gateway is asked about an order that was not paid (late authorisation takes up to three).
PAYMENT_WATCH_DAYS = env.int("PAYMENT_WATCH_DAYS", default=4)
REFUND_WINDOW_DAYS = env.int("REFUND_WINDOW_DAYS", default=7)
REFUND_PROGRESS_PERCENT = env.int("REFUND_PROGRESS_PERCENT", default=20)
#: So long after its period a subscription that is charged by itself still opens courses, while the charge is retried.
SUBSCRIPTION_GRACE_DAYS = env.int("SUBSCRIPTION_GRACE_DAYS", default=3)
#: The GST inside every price, in percent; 0 for a school that charges none.
GST_RATE_PERCENT = env.str("GST_RATE_PERCENT", default="18")
SELLER_NAME = env.str("SELLER_NAME", default="E-learning")
SELLER_ADDRESS = env.str("SELLER_ADDRESS", default="")
SELLER_GSTIN = env.str("SELLER_GSTIN", default="")
#: GST state code of the school, two digits ("27" is Maharashtra): it decides between CGST with SGST, and IGST.
SELLER_STATE = env.str("SELLER_STATE", default="")
#: Service accounting code on invoices: 999293 is commercial training and coaching.
INVOICE_SAC = env.str("INVOICE_SAC", default="999293")

# --- language and time --------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("hi", _("Hindi"))]
#: What the platform says; and what Django and DRF say through it, where they bring no Hindi.
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "locale" / "libraries"]
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True

# --- security -----------------------------------------------------------------------------------
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=False)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked by machines next door, without TLS
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000 if PRODUCTION else 0)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
#: It looks for Django's CSRF middleware by its name; ours is a subclass that steps aside for the Bearer API.
SILENCED_SYSTEM_CHECKS = ["security.W003"]

# --- logs ---------------------------------------------------------------------------------------
LOG_FORMAT = env.str("LOG_FORMAT", default="json" if PRODUCTION else "plain")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request": {"()": "e_learning.core.logging.RequestContextFilter"}},
    "formatters": {
        "plain": {"format": "{asctime} {levelname:7} {name} [{request_id}] {message}", "style": "{"},
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "fmt": "{asctime}{levelname}{name}{message}{request_id}{user_id}",
            "style": "{",
            "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["request"]}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django.server": {"handlers": [], "propagate": True},
        "django.channels.server": {"level": "WARNING"},
        "daphne": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "httpx2": {"level": "WARNING"},
        # A line for each task is a line for each sweep, twice a minute for ever.
        "celery": {"level": "WARNING"},
        # Says of every font in every PDF what it left out.
        "fontTools": {"level": "WARNING"},
        # Strangers try names of hosts all day long; they get their 400, and the log no stack for each.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
SENTRY_DSN = env.str("SENTRY_DSN", default="")
if SENTRY_DSN:
    import sentry_sdk
    from sentry_sdk.integrations.openai import OpenAIIntegration

    sentry_sdk.init(
        dsn=SENTRY_DSN,
        send_default_pii=False,
        traces_sample_rate=env.float("SENTRY_TRACES_RATE", default=0.0),
        # What learners ask stands in frames of the tutor and in what that integration reports by itself.
        include_local_variables=False,
        disabled_integrations=[OpenAIIntegration()],
    )

UNFOLD = {"SITE_TITLE": _("E-learning"), "SITE_HEADER": _("E-learning"), "SHOW_VIEW_ON_SITE": False}
#: The demo school's one password; nobody signs in with it in production (accounts/signin).
DEMO_PASSWORD = "learn-with-asha"  # noqa: S105 - printed on purpose, refused in production
