"""The draft course "Numbers in Signs": begun, and not published yet."""

from e_learning.demo.outline import Content, Course, Module, text_named

COURSE = Course(
    title="Numbers in Signs",
    summary="Count from one to nine with one hand.",
    description="The numbers that belong to the American manual alphabet. This course is still being written.",
    category=("Languages", "Sign languages"),
    subject="Sign language",
    thumbnail="cover-numbers-in-signs.webp",
    learning_objectives=("Count from one to nine", "Sign a telephone number"),
    modules=(
        Module(
            title="One to nine",
            description="Two palms, nine shapes.",
            contents=(
                Content(
                    title="From one to five",
                    content_type="text",
                    text_content=text_named("one_to_five"),
                    topic="numbers",
                ),
                Content(
                    title="From six to nine",
                    content_type="text",
                    text_content=text_named("six_to_nine"),
                    topic="numbers",
                ),
            ),
        ),
    ),
    is_published=False,
)
