"""The paid course "Spoken English", for people who speak Hindi: its outline and its quiz."""

from decimal import Decimal

from e_learning.demo.outline import Content, Course, Module, Option, Pair, Question, Quiz, text_named

# An essay waits for its teacher: the rest must be enough to pass, so its points are fewer than what may be missed.
QUIZ = Quiz(
    title="Check yourself",
    passing_score=60,
    time_limit=15 * 60,
    max_attempts=5,
    questions=(
        Question(
            question_text="You meet a neighbour at nine in the evening. What do you say first?",
            question_type="multiple_choice",
            topic="greetings",
            options=(
                Option(option_text="Good evening.", is_correct=True),
                Option(option_text="Good night."),
                Option(option_text="Good afternoon."),
                Option(option_text="Take care."),
            ),
            explanation="*Good evening* greets. *Good night* and *Take care* are farewells.",
        ),
        Question(
            question_text="Which of these sentences are right? Choose all of them.",
            question_type="multiple_select",
            points=2,
            difficulty="medium",
            topic="verbs",
            options=(
                Option(option_text="I have a headache.", is_correct=True),
                Option(option_text="I am knowing him."),
                Option(option_text="Did you buy anything?", is_correct=True),
                Option(option_text="Did you bought anything?"),
            ),
            explanation="*Have* (an illness) and *know* take no -ing. After *did* the verb is in its plain form.",
        ),
        Question(
            question_text="A shop opposite the bank is across the road from the bank.",
            question_type="true_false",
            topic="asking the way",
            options=(Option(option_text="True", is_correct=True), Option(option_text="False")),
            explanation="*Opposite* is across the road; *in front of* is on the same side.",
        ),
        Question(
            question_text="Complete the sentence: “Yesterday I ____ to the market.” (go)",
            question_type="fill_in_blank",
            topic="verbs",
            accepted_answers=("went",),
            explanation="The past of *go* is *went*.",
        ),
        Question(
            question_text="Shirts cost three hundred rupees each. You buy two and give a thousand rupees. "
            "How many rupees of change do you get?",
            question_type="numeric",
            difficulty="medium",
            topic="at the shop",
            number=Decimal(400),
            tolerance=Decimal(0),
            explanation="Two shirts are six hundred rupees; four hundred are left of the thousand.",
        ),
        Question(
            question_text="Match each sentence with the place where you would say it.",
            question_type="matching",
            points=3,
            difficulty="medium",
            topic="everyday phrases",
            pairs=(
                Pair(left="Could I have the bill, please?", right="in a shop or restaurant"),
                Pair(left="Can I take a message?", right="on the phone"),
                Pair(left="Take the second road on the left.", right="in the street"),
            ),
            explanation="You pay in a shop, take messages on the phone, and explain the way in the street.",
        ),
        Question(
            question_text="Put the call in order.",
            question_type="ordering",
            points=2,
            difficulty="hard",
            topic="on the phone",
            options=(
                Option(option_text="Hello?"),
                Option(option_text="Hello, this is Bilal. May I speak to Asha, please?"),
                Option(option_text="I'm afraid she's out. Can I take a message?"),
                Option(option_text="Yes, please. Could you tell her that the class begins at six?"),
                Option(option_text="At six. I'll tell her."),
            ),
            explanation="The caller gives a name, asks, hears the bad news, leaves a message, and hears it repeated.",
        ),
        Question(
            question_text="Tell in five sentences what you did yesterday. Use *first*, *then* and *in the end*.",
            question_type="essay",
            points=2,
            difficulty="hard",
            topic="verbs",
            explanation="Look at each verb: is it in the past? And after *did*, is the verb in its plain form?",
        ),
    ),
)

MEETING = Module(
    title="Meeting people",
    description="The first minute of a conversation, at any hour of the day.",
    contents=(
        Content(
            title="Two people say hello",
            content_type="video",
            section="Greetings",
            topic="greetings",
            is_preview=True,
            text_content="Watch with the English subtitles, then with the Hindi ones. The third time, speak along.",
            video_file="spoken-english-hello.mp4",
            video_duration=6,
            subtitles=(("en", "spoken-english-hello.en.vtt"), ("hi", "spoken-english-hello.hi.vtt")),
        ),
        Content(
            title="A greeting for every hour",
            content_type="text",
            section="Greetings",
            topic="greetings",
            text_content=text_named("greetings"),
        ),
        Content(
            title="Three sentences about yourself",
            content_type="text",
            section="Introductions",
            topic="introductions",
            text_content=text_named("introducing_yourself"),
        ),
    ),
)

IN_TOWN = Module(
    title="Out in town",
    description="Find your way, buy what you need, and keep the most useful phrases in your pocket.",
    contents=(
        Content(
            title="Asking the way",
            content_type="text",
            section="In the street",
            topic="asking the way",
            text_content=text_named("asking_the_way"),
        ),
        Content(
            title="At the shop",
            content_type="text",
            section="In the shop",
            topic="at the shop",
            text_content=text_named("at_the_shop"),
        ),
        Content(
            title="A phrase sheet to print",
            content_type="document",
            section="In the shop",
            topic="everyday phrases",
            text_content="One page with nineteen phrases and what they mean. Print it, fold it, and take it with you.",
            document="spoken-english-phrases.pdf",
        ),
    ),
)

YOUR_DAY = Module(
    title="Telling about your day",
    description="Speak when nobody sees your hands, and speak about what is over.",
    contents=(
        Content(
            title="On the phone",
            content_type="text",
            section="Conversations",
            topic="on the phone",
            text_content=text_named("on_the_phone"),
        ),
        Content(
            title="Talking about yesterday",
            content_type="text",
            section="Conversations",
            topic="verbs",
            text_content=text_named("talking_about_yesterday"),
        ),
        Content(
            title="Check yourself",
            content_type="quiz",
            section="Check yourself",
            text_content="Eight questions on the whole course, in fifteen minutes. You may try five times.",
            quiz=QUIZ,
        ),
    ),
)

COURSE = Course(
    title="Spoken English",
    summary="Short conversations for every day, made for people who think in Hindi.",
    description=(
        "You have read English for years, and still the words don't come when somebody asks you the way. "
        "This course is about **speaking**: greetings, shops, streets, telephones, and what you did yesterday.\n\n"
        "Each lesson gives you a handful of sentences, shows the trap that Hindi sets in them, and ends with "
        "something to say aloud. Ten minutes a day are enough, if your mouth moves.\n\n"
        "हिन्दी में सोचने वालों के लिए रोज़ की अंग्रेज़ी बातचीत: नमस्ते कहना, अपना परिचय देना, रास्ता पूछना, दुकान पर ख़रीदारी करना "
        "और टेलीफ़ोन पर बात करना।"
    ),
    category=("Languages", "English"),
    subject="English",
    thumbnail="cover-spoken-english.webp",
    price=Decimal("499.00"),
    learning_objectives=(
        "Greet people and introduce yourself in three sentences",
        "Ask the way and understand the answer",
        "Buy, compare and pay in a shop",
        "Make a telephone call and leave a message",
        "Tell what you did yesterday",
    ),
    modules=(MEETING, IN_TOWN, YOUR_DAY),
)
