"""What a new school answers from its first day. Staff change it in the admin as any other row; nothing puts it back."""

from django.db import migrations

# category, question, answer, other ways to ask
ENGLISH = (
    (
        "enrolment",
        "How do I enrol in a course?",
        ("Open the course and tap Enrol. A free course opens at once. A paid one opens when its payment is confirmed, or "
        "as long as you have a plan that includes it."),
        "How can I join a course?\nHow do I sign up for a course?\nHow to enroll",
    ),
    (
        "enrolment",
        "How long can I use a course that I bought?",
        ("The page of the course says until when it is open to you. Where no date is shown, it has no end. What a "
        "subscription opens stays open until the subscription ends."),
        "When does my course expire?\nHow long do I have access to a course?\nWhen does my access end?",
    ),
    (
        "payments",
        "How do I pay for a course?",
        ("Open the course and tap Buy. The payment is made in Razorpay's window, by whichever of its ways you choose. We "
        "never see the number of your card."),
        ("How do I buy a course?\nWhich ways of payment are there?\nWhich payment methods are there?\n"
        "Can I pay for a course by card?"),
    ),
    (
        "payments",
        "I have paid and the course is not open. What now?",
        ("Please don't pay again. Some banks take longer: we ask Razorpay every few minutes, and the course opens by "
        "itself when the payment is confirmed. Should you have paid twice, the second payment goes back by itself."),
        "I paid but the course is locked\nMy payment failed but the money is gone\nI was charged twice\nI paid twice",
    ),
    (
        "payments",
        "How do I get a refund?",
        ("Ask for it in the list of your payments, within {refund_days} days of paying and while you have not done more "
        "than {refund_percent} % of the course. The school looks at each request, and you read there what was decided. "
        "The money goes back the way it came. A course that was refunded whole is closed."),
        ("Can I get my money back?\nI want my money back\nHow can I ask for a refund?\nGet a refund for a course\nRefund rules\n"
        "How many days do I have for a refund?\nHow do I return a course?"),
    ),
    (
        "payments",
        "How do I end my subscription?",
        ("Cancel it on the page of your subscription. What you have paid for stays open until the end of its period, and "
        "nothing more is charged."),
        "How do I cancel my subscription?\nStop my subscription\nCancel my plan",
    ),
    (
        "downloads",
        "Where do I find my invoice?",
        "In the list of your payments: each payment has its invoice to download as a PDF, and each refund its credit note.",
        "How do I download my invoice?\nI need a bill for my payment\nWhere is my receipt?\nCan I get a GST invoice?",
    ),
    (
        "downloads",
        "Can I download lessons?",
        ("Documents of a lesson can be downloaded by whoever may open the lesson. Videos are played in the app and can't "
        "be downloaded as files."),
        "How do I download a video?\nHow do I download the PDF of a lesson?\nCan I save videos on my phone?",
    ),
    (
        "learning",
        "Is my progress counted when I learn offline?",
        ("Yes. What the app noted while it was offline is counted when it is sent later. If you learnt on two devices, "
        "nothing is counted twice, and nothing gets lost."),
        ("Can I learn offline?\nDoes it work without internet?\nWill I lose my progress offline?\n"
        "How do I use the app offline?"),
    ),
    (
        "learning",
        "What can the tutor answer?",
        ("Questions about the courses that are open to you, with the place where you can check the answer. It knows nothing "
        "else, and says so. You can ask it {tutor_messages} questions a day."),
        "How many questions can I ask the tutor?\nHow does the tutor work?\nWhat can you answer?\nWhat can you do?",
    ),
    (
        "certificates",
        "Do I get a certificate?",
        ("Not yet: the platform issues no certificates at present. Your progress, and which courses you have completed, is "
        "kept in your account."),
        ("How do I get my certificate?\nWhere is my certificate?\nHow do I download my certificate?\n"
        "Will I get a certificate after the course?"),
    ),
    (
        "account",
        "I forgot my password. What do I do?",
        ("Tap Forgot password where you sign in, and enter your e-mail address. If there is an account with it, you get a "
        "mail with a link to choose a new password."),
        "How do I reset my password?\nI can't sign in\nI cannot log in\nPassword forgotten",
    ),
    (
        "account",
        "How do I change my password?",
        "In the settings of your account: enter the present password and a new one. Every other device is signed out then.",
        "Where can I change my password?\nNew password",
    ),
    (
        "account",
        "How do I change which notifications I get?",
        ("In your settings you turn notifications on the device and by e-mail on and off. Mails can come at once, once a "
        "day, or not at all. In each community you can turn off its own."),
        "How do I turn off notifications?\nStop sending me mails\nI get too many notifications\nToo many e-mails",
    ),
)
HINDI = (
    (
        "enrolment",
        "मैं किसी कोर्स में दाख़िला कैसे लूँ?",
        ("कोर्स खोलिए और Enrol दबाइए। मुफ़्त कोर्स तुरंत खुल जाता है। पैसे वाला कोर्स भुगतान की पुष्टि होने पर खुलता है, या तब तक खुला रहता है जब तक आपके "
        "पास उसे शामिल करने वाला प्लान है।"),
        "कोर्स में नामांकन कैसे करें?\nकोर्स कैसे जॉइन करें?",
    ),
    (
        "enrolment",
        "ख़रीदा हुआ कोर्स मैं कब तक देख सकता हूँ?",
        ("कोर्स के पेज पर लिखा है कि वह आपके लिए कब तक खुला है। जहाँ कोई तारीख़ नहीं है, वहाँ कोई सीमा नहीं है। सब्सक्रिप्शन से खुला कोर्स सब्सक्रिप्शन के "
        "ख़त्म होने तक खुला रहता है।"),
        "मेरा कोर्स कब ख़त्म होगा?",
    ),
    (
        "payments",
        "मैं कोर्स के पैसे कैसे दूँ?",
        "कोर्स खोलिए और Buy दबाइए। भुगतान Razorpay की खिड़की में होता है, उसके जिस तरीक़े से आप चाहें। आपके कार्ड का नंबर हम कभी नहीं देखते।",
        "कोर्स कैसे ख़रीदें?\nकोर्स का भुगतान कैसे करें?",
    ),
    (
        "payments",
        "पैसे दे दिए और कोर्स नहीं खुला। अब क्या करूँ?",
        ("कृपया दोबारा पैसे न दें। कुछ बैंकों को समय लगता है: हम हर कुछ मिनट में Razorpay से पूछते हैं, और भुगतान की पुष्टि होते ही कोर्स अपने आप खुल जाता "
        "है। दो बार पैसे कट गए हों, तो दूसरा भुगतान अपने आप लौट जाता है।"),
        "पैसे कट गए पर कोर्स बंद है\nभुगतान दो बार हो गया",
    ),
    (
        "payments",
        "पैसे वापस कैसे मिलेंगे?",
        ("अपने भुगतानों की सूची में माँगिए: भुगतान के {refund_days} दिन के भीतर, और जब तक आपने कोर्स का {refund_percent} % से ज़्यादा पूरा न किया हो। स्कूल हर "
        "माँग को देखता है, और फ़ैसला आप वहीं पढ़ते हैं। पैसे उसी रास्ते लौटते हैं जिससे आए थे। जिस कोर्स के पूरे पैसे लौट गए, वह बंद हो जाता है।"),
        "रिफ़ंड कैसे मिलेगा?\nमुझे पैसे वापस चाहिए\nरिफ़ंड कैसे लूँ?",
    ),
    (
        "payments",
        "सब्सक्रिप्शन कैसे बंद करूँ?",
        "अपने सब्सक्रिप्शन के पेज पर उसे रद्द कीजिए। जिस अवधि के पैसे दिए जा चुके हैं, उसके अंत तक सब खुला रहता है, और आगे कोई पैसा नहीं कटता।",
        "सब्सक्रिप्शन रद्द कैसे करें?\nप्लान कैसे बंद करें?",
    ),
    (
        "downloads",
        "मेरा बिल कहाँ मिलेगा?",
        "अपने भुगतानों की सूची में: हर भुगतान का इनवॉइस और हर रिफ़ंड का क्रेडिट नोट PDF में डाउनलोड किया जा सकता है।",
        "इनवॉइस कैसे डाउनलोड करें?\nमेरी रसीद कहाँ है?",
    ),
    (
        "downloads",
        "क्या मैं पाठ डाउनलोड कर सकता हूँ?",
        "पाठ के दस्तावेज़ वे सब डाउनलोड कर सकते हैं जो पाठ खोल सकते हैं। वीडियो ऐप में चलते हैं, और फ़ाइल के रूप में डाउनलोड नहीं होते।",
        "वीडियो कैसे डाउनलोड करें?",
    ),
    (
        "learning",
        "बिना इंटरनेट के सीखने पर क्या मेरी प्रगति गिनी जाती है?",
        "हाँ। ऐप ने इंटरनेट के बिना जो दर्ज किया, वह बाद में भेजे जाने पर गिना जाता है। दो उपकरणों पर सीखने से कुछ भी दो बार नहीं गिना जाता, और कुछ खोता नहीं।",
        "क्या ऐप ऑफ़लाइन चलता है?\nक्या ऐप बिना इंटरनेट के चलता है?",
    ),
    (
        "learning",
        "ट्यूटर किन सवालों के जवाब देता है?",
        ("उन कोर्सों के बारे में, जो आपके लिए खुले हैं; साथ में वह जगह जहाँ आप जवाब जाँच सकते हैं। और कुछ वह नहीं जानता, और यह कह भी देता है। एक दिन में आप "
        "उससे {tutor_messages} सवाल पूछ सकते हैं।"),
        "ट्यूटर से कितने सवाल पूछ सकते हैं?",
    ),
    (
        "certificates",
        "क्या मुझे प्रमाणपत्र मिलेगा?",
        "अभी नहीं: फ़िलहाल प्लेटफ़ॉर्म कोई प्रमाणपत्र नहीं देता। आपकी प्रगति, और कौन से कोर्स आपने पूरे किए, आपके खाते में दर्ज रहता है।",
        "सर्टिफ़िकेट कैसे मिलेगा?\nमेरा सर्टिफ़िकेट कहाँ है?",
    ),
    (
        "account",
        "मैं अपना पासवर्ड भूल गया। क्या करूँ?",
        "साइन इन के पेज पर Forgot password दबाइए और अपना ई-मेल पता लिखिए। उस पते का खाता हो, तो नया पासवर्ड चुनने का लिंक मेल में आता है।",
        "पासवर्ड रीसेट कैसे करें?\nपासवर्ड भूल गई",
    ),
    (
        "account",
        "मैं अपना पासवर्ड कैसे बदलूँ?",
        "अपने खाते की सेटिंग में: अभी का पासवर्ड और नया पासवर्ड लिखिए। तब बाक़ी सब उपकरण साइन आउट हो जाते हैं।",
        "पासवर्ड कहाँ बदलें?",
    ),
    (
        "account",
        "कौन सी सूचनाएँ मिलें, यह कैसे बदलूँ?",
        ("अपनी सेटिंग में आप उपकरण और ई-मेल की सूचनाएँ चालू और बंद करते हैं। मेल तुरंत, दिन में एक बार, या बिल्कुल न आएँ। हर समुदाय की अपनी सूचनाएँ भी बंद की जा "
        "सकती हैं।"),
        "सूचनाएँ कैसे बंद करें?\nनोटिफ़िकेशन कैसे बंद करें?",
    ),
)


def add_first_faqs(apps, schema_editor):
    """Not where there are some already: then a school has its own."""
    faqs = apps.get_model("chatbot", "Faq")
    if faqs.objects.exists():
        return
    faqs.objects.bulk_create(
        faqs(
            category=category,
            question=question,
            answer=answer,
            other_words=other_words,
            language=language,
            order=order,
        )
        for language, rows in (("en", ENGLISH), ("hi", HINDI))
        for order, (category, question, answer, other_words) in enumerate(rows, start=1)
    )


class Migration(migrations.Migration):
    dependencies = [("chatbot", "0002_search")]

    operations = [migrations.RunPython(add_first_faqs, migrations.RunPython.noop, elidable=False)]
